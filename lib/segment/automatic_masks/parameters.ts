/** The parameters of the automatic mask generator, and the sets of values that experiments use. */

import type { ChannelOrder } from "../../vision/image.ts";

/** The parameters of SAM's automatic mask generator, as its authors name them. */
export interface AutomaticMaskParameters {
  /** Points along each side of the grid of the whole image. */
  readonly pointsPerSide: number;
  /** The most points that are decoded together; changes memory, not results. */
  readonly pointsPerBatch: number;
  /** Masks with a predicted IoU of at most this are dropped; at 0 none is. */
  readonly predictedIouThreshold: number;
  /** Masks less stable than this are dropped; at 0 none is. */
  readonly stabilityThreshold: number;
  /** The distance from the mask threshold of the two thresholds whose areas the stability score compares. */
  readonly stabilityOffset: number;
  /** The logit above which a pixel belongs to a mask. */
  readonly maskThreshold: number;
  /** Of two masks of a crop with boxes of a higher IoU than this, the one with the lower predicted IoU is dropped. */
  readonly boxNmsThreshold: number;
  /** Layer l adds 2ˡ × 2ˡ crops of the image. */
  readonly cropLayers: number;
  /** Of two masks of different crops that overlap by more than this IoU that of the larger crop is dropped. */
  readonly cropNmsThreshold: number;
  /** Overlap of neighbouring crops as a share of the image's shorter side, in layer 1; half of it in layer 2, … */
  readonly cropOverlap: number;
  /** By this factor a layer's grid has fewer points along each side than the one before. */
  readonly cropPointsDownscale: number;
  /** Holes and islands of the low-resolution logits with at most this many pixels are removed; at 0 none is. */
  readonly minRegionArea: number;
  /** Whether the removal takes place at all: the reference implementation skips it where an extension is missing. */
  readonly removeRegions: boolean;
  /** Whether a point gives three masks, or one. */
  readonly multimask: boolean;
  /** Whether every mask is given to the model once more, as a prompt beside its point. */
  readonly refine: boolean;
  /** In which order the model is given the channels of an image. */
  readonly channelOrder: ChannelOrder;
}

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

/** The values of the reference implementation, which gives the model BGR images. */
export const REFERENCE_PARAMETERS: AutomaticMaskParameters = {
  ...PAPER_PARAMETERS,
  pointsPerBatch: 512,
  stabilityThreshold: 0.9,
  stabilityOffset: 0.5,
  minRegionArea: 10,
  channelOrder: "BGR",
};

/**
 * SAM's generator with fewer points, and looser where a small encoder is less sure: its logits are less steep, so that
 * SAM's stability of 0.95 would leave a third of the masks, and a part often suppresses the object around it.
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
