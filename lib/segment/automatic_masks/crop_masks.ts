/** The masks of a crop that pass the filters, collected batch by batch. */

import type { DecodedOutputs } from "../../models/sam2/decoded_outputs.ts";
import type { Box } from "../../vision/masks/boxes.ts";
import { isNearCropEdge } from "../../vision/masks/crop.ts";
import { runLengthBox, type RunLengths } from "../../vision/masks/rle.ts";
import { type AutomaticMaskParameters, EDGE_TOLERANCE } from "./parameters.ts";
import { canvasFor } from "./on_device/canvas.ts";
import { filteredRun } from "./on_device/filtered_masks.ts";
import { maskFilter } from "./on_device/mask_filter.ts";
import type { FilteredPoints, PointMasks, PointPrompts, Stretching } from "./promptable_model.ts";
import { RegionMemory, removeRegions } from "./remove_regions.ts";
import { MaskStretcher } from "./stretched_mask.ts";

/** A mask in the crop's pixels. */
export interface CropMask {
  readonly runs: RunLengths;
  readonly box: Box;
  readonly predictedIou: number;
  readonly stability: number;
  readonly point: readonly [x: number, y: number];
}

export interface FilterCounts {
  readonly candidates: number;
  readonly afterPredictedIou: number;
  readonly afterStability: number;
  readonly afterEdge: number;
}

export class CropMasks {
  readonly masks: CropMask[] = [];
  readonly #crop: Box;
  readonly #image: Box;
  readonly #stretching: Stretching;
  readonly #parameters: AutomaticMaskParameters;
  #stretcher: MaskStretcher | undefined;
  #memory: RegionMemory | undefined;
  #filter: DecodedOutputs | undefined;
  #candidates = 0;
  #afterPredictedIou = 0;
  #afterStability = 0;

  constructor(
    crop: Box,
    image: { readonly width: number; readonly height: number },
    stretching: Stretching,
    parameters: AutomaticMaskParameters,
  ) {
    this.#crop = crop;
    this.#image = [0, 0, image.width, image.height];
    this.#stretching = stretching;
    this.#parameters = parameters;
  }

  get counts(): FilterCounts {
    return {
      candidates: this.#candidates,
      afterPredictedIou: this.#afterPredictedIou,
      afterStability: this.#afterStability,
      afterEdge: this.masks.length,
    };
  }

  /** Masks of a batch in the order of points, then of each point's masks. */
  add({ points }: PointPrompts, { masks, logits, width, height, ious }: PointMasks): void {
    const limit = Math.fround(this.#parameters.predictedIouThreshold);
    const area = width * height;
    this.#candidates += ious.length;
    for (let i = 0; i < ious.length; i++) {
      if (limit > 0 && !(ious[i] > limit)) continue;
      this.#afterPredictedIou++;
      const at = 2 * Math.floor(i / masks);
      const point = [points[at], points[at + 1]] as const;
      const own = logits.subarray(i * area, (i + 1) * area);
      this.#measure(own, width, height, { predictedIou: ious[i], point });
    }
  }

  /** What a device has filtered of a batch: the outputs of each run, in the order of points. */
  addFiltered({ points, count }: PointPrompts, { masks, runs }: FilteredPoints): void {
    const [left, top, right, bottom] = this.#crop;
    const size = { width: right - left, height: bottom - top };
    const canvas = canvasFor(this.#stretching);
    this.#candidates += count * masks;
    let first = 0;
    for (const outputs of runs) {
      const run = filteredRun(outputs, canvas, size);
      this.#afterPredictedIou += run.certain;
      this.#afterStability += run.stable;
      for (const { index, runs, predictedIou, stability } of run.masks) {
        const at = 2 * Math.floor((first + index) / masks);
        const box = runLengthBox(runs) ?? [0, 0, 0, 0];
        this.masks.push({ runs, box, stability, predictedIou, point: [points[at], points[at + 1]] });
      }
      first += outputs.ious.data.length;
    }
  }

  /** The filters for a device, with these parameters. */
  get filter(): DecodedOutputs {
    return this.#filter ??= maskFilter(this.#crop, this.#image, this.#stretching, this.#parameters);
  }

  #measure(
    logits: Float32Array,
    width: number,
    height: number,
    known: Pick<CropMask, "predictedIou" | "point">,
  ): void {
    const { maskThreshold: threshold, stabilityOffset: offset, ...parameters } = this.#parameters;
    this.#stretcher ??= new MaskStretcher(width, height, this.#stretching, { threshold, offset });
    const { minRegionArea: hole } = parameters;
    const cleaned = parameters.removeRegions
      ? removeRegions(
        logits,
        width,
        height,
        { threshold, hole, island: hole },
        this.#memory ??= new RegionMemory(width, height),
      )
      : logits;
    const { stability, runs } = this.#stretcher.measure(cleaned);
    const limit = Math.fround(parameters.stabilityThreshold);
    if (limit > 0 && !(stability >= limit)) return;
    this.#afterStability++;
    const box = runLengthBox(runs) ?? [0, 0, 0, 0];
    if (isNearCropEdge(box, this.#crop, this.#image, EDGE_TOLERANCE)) return;
    this.masks.push({ runs, box, stability, ...known });
  }
}
