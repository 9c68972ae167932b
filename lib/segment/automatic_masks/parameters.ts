/** The parameters of the automatic mask generator, and presets of their values. */

import type { ChannelOrder } from "../../vision/image.ts";

/** The parameters of SAM's automatic mask generator, as its authors name them. */
export interface AutomaticMaskParameters {
  /** Points along each side of the grid of the whole image. */
  readonly pointsPerSide: number;
  /** The largest number of points in a batch; affects memory use, not results. */
  readonly pointsPerBatch: number;
  /** Masks with a predicted IoU of at most this value are dropped; 0 drops none. */
  readonly predictedIouThreshold: number;
  /** Masks with a lower stability score are dropped; 0 drops none. */
  readonly stabilityThreshold: number;
  /** The distance from the mask threshold of the two thresholds whose areas the stability score compares. */
  readonly stabilityOffset: number;
  /** The logit above which a pixel belongs to a mask. */
  readonly maskThreshold: number;
  /** Of two masks of a crop with boxes of a higher IoU than this, the one with the lower predicted IoU is dropped. */
  readonly boxNmsThreshold: number;
  /** Layer l adds 2ˡ × 2ˡ crops of the image. */
  readonly cropLayers: number;
  /** Of two masks from different crops with a higher IoU than this, the one from the larger crop is dropped. */
  readonly cropNmsThreshold: number;
  /** Overlap of neighbouring crops as a share of the image's shorter side, in layer 1; half of it in layer 2, … */
  readonly cropOverlap: number;
  /** Each layer's grid has this many times fewer points along each side than the grid of the layer before. */
  readonly cropPointsDownscale: number;
  /** Holes and islands of the low-resolution logits with at most this many pixels are removed; 0 removes none. */
  readonly minRegionArea: number;
  /**
   * Holes and islands of a finished mask with fewer pixels of the image than this are removed, as in SAM; then duplicates
   * among changed masks are dropped. Absent: none is removed, as in SAM 2.
   */
  readonly minMaskRegionArea?: number;
  /** Whether regions of the logits are removed: the reference implementation skips the removal if an extension is not installed. */
  readonly removeRegions: boolean;
  /** Whether the model predicts three masks for a point, or one. */
  readonly multimask: boolean;
  /** Whether every mask is passed to the model a second time, as a prompt together with its point. */
  readonly refine: boolean;
  /** The channel order in which the model receives an image. */
  readonly channelOrder: ChannelOrder;
}

/** Masks with a box that ends within this distance, in pixels, of an edge of the crop are likely cut off by it. */
export const EDGE_TOLERANCE = 20;

/** The values in the paper: the defaults of SAM 2's generator except for the crops, on RGB images. */
export const PAPER_PARAMETERS: AutomaticMaskParameters = {
  pointsPerSide: 32,
  pointsPerBatch: 64,
  predictedIouThreshold: 0.8,
  stabilityThreshold: 0.95,
  stabilityOffset: 1,
  maskThreshold: 0,
  boxNmsThreshold: 0.7,
  cropLayers: 2,
  cropNmsThreshold: 0.7,
  cropOverlap: 512 / 1500,
  cropPointsDownscale: 1,
  minRegionArea: 0,
  removeRegions: true,
  multimask: true,
  refine: false,
  channelOrder: "RGB",
};

/** The values of the reference implementation, which passes BGR images to the model. */
export const REFERENCE_PARAMETERS: AutomaticMaskParameters = {
  ...PAPER_PARAMETERS,
  pointsPerBatch: 512,
  stabilityThreshold: 0.9,
  stabilityOffset: 0.5,
  minRegionArea: 10,
  channelOrder: "BGR",
};

/**
 * SAM's values with fewer points and lower thresholds, for a small encoder: its logits are less steep, so a stability
 * threshold of 0.95, as in SAM, would keep only a third of the masks, and a part often suppresses its object.
 */
export const MOBILE_SAM_PARAMETERS: AutomaticMaskParameters = {
  pointsPerSide: 12,
  pointsPerBatch: 64,
  predictedIouThreshold: 0.8,
  stabilityThreshold: 0.8,
  stabilityOffset: 1,
  maskThreshold: 0,
  boxNmsThreshold: 0.8,
  cropLayers: 0,
  cropNmsThreshold: 0.7,
  cropOverlap: 512 / 1500,
  cropPointsDownscale: 1,
  minRegionArea: 0,
  removeRegions: true,
  multimask: true,
  refine: false,
  channelOrder: "RGB",
};
