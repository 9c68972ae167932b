/** Automatic mask generation: prompts a grid of points on an image and its crops, then filters masks and removes duplicates. */

import type { Image } from "../../vision/image.ts";
import type { Box } from "../../vision/masks/boxes.ts";
import { uncropBox, uncropPoint, uncropRunLengths } from "../../vision/masks/crop.ts";
import { boxArea } from "../../vision/masks/iou.ts";
import { nonMaximumSuppression } from "../../vision/masks/nms.ts";
import {
  decodeRunLengths,
  encodeRunLengths,
  runLengthArea,
  type RunLengths,
} from "../../vision/masks/rle.ts";
import { type Crop, cropBoxes } from "./crop_boxes.ts";
import { CropMasks, type FilterCounts } from "./crop_masks.ts";
import type { AutomaticMaskParameters } from "./parameters.ts";
import { pointGrids } from "./point_grids.ts";
import { cleanMasks } from "./small_regions.ts";
import type { PointPrompts, PromptableModel } from "./promptable_model.ts";

export interface AutomaticMask {
  /** At the image's size. */
  readonly runs: RunLengths;
  /** In pixels. */
  readonly area: number;
  /** Inclusive corners in the image's pixels; those of the crop's corner where the mask is empty. */
  readonly box: Box;
  readonly predictedIou: number;
  readonly stability: number;
  /** The prompt point, in the image's pixels. */
  readonly point: readonly [x: number, y: number];
  /** Corners of the crop that it was found in, the right and lower ones exclusive. */
  readonly crop: Box;
}

/** The number of masks of a crop that remain after each step. */
export interface CropReport extends FilterCounts {
  readonly crop: Crop;
  readonly afterNms: number;
}

export interface AutomaticMasks {
  /** From the smallest crops to the whole image; within a crop by falling predicted IoU. */
  readonly masks: readonly AutomaticMask[];
  readonly crops: readonly CropReport[];
}

/**
 * The masks of an RGB image (Kirillov et al., "Segment Anything", ICCV 2023). The model embeds each crop once and
 * decodes points in batches. A batch is filtered where the model is, or measured here: while the next one is decoded, where the
 * runtime leaves this thread free for it, which onnxruntime-node does not.
 *
 * @throws {RangeError} when the parameters leave a crop layer without points.
 */
export async function generateMasks<Embedding>(
  image: Image,
  model: PromptableModel<Embedding>,
  parameters: AutomaticMaskParameters,
): Promise<AutomaticMasks> {
  const { cropLayers, cropOverlap, boxNmsThreshold, cropNmsThreshold, minMaskRegionArea } = parameters;
  const grids = pointGrids(parameters.pointsPerSide, cropLayers, parameters.cropPointsDownscale);
  const found: AutomaticMask[] = [];
  const reports: CropReport[] = [];
  for (const crop of cropBoxes(image.width, image.height, cropLayers, cropOverlap)) {
    const { masks, report } = await masksOfCrop(image, crop, grids[crop.layer], model, parameters);
    found.push(...masks);
    reports.push(report);
  }
  const kept = reports.length === 1 ? found : nonMaximumSuppression(
    found.map(({ box }) => box),
    found.map(({ crop }) => 1 / boxArea(crop)),
    cropNmsThreshold,
  ).map((i) => found[i]);
  const masks = minMaskRegionArea === undefined
    ? kept
    : withoutSmallRegions(kept, minMaskRegionArea, Math.max(boxNmsThreshold, cropNmsThreshold));
  return { masks, crops: reports };
}

function withoutSmallRegions(
  masks: readonly AutomaticMask[],
  area: number,
  nmsThreshold: number,
): AutomaticMask[] {
  const cleaned = cleanMasks(masks.map(({ runs }) => decodeRunLengths(runs)), area, nmsThreshold);
  return cleaned.map(({ mask, box, source }) => {
    const runs = encodeRunLengths(mask);
    return { ...masks[source], runs, area: runLengthArea(runs), box };
  });
}

async function masksOfCrop<Embedding>(
  image: Image,
  crop: Crop,
  grid: Float64Array,
  model: PromptableModel<Embedding>,
  parameters: AutomaticMaskParameters,
): Promise<{ masks: AutomaticMask[]; report: CropReport }> {
  const { width, height } = image;
  const [left, top, right, bottom] = crop.box;
  const embedding = await model.embed(image, crop.box, parameters.channelOrder);
  const points = new Float32Array(grid.length);
  for (let i = 0; i < grid.length; i++) points[i] = grid[i] * (i % 2 === 0 ? right - left : bottom - top);
  const stretching = model.stretching(right - left, bottom - top);
  const collected = new CropMasks(crop.box, { width, height }, stretching, parameters);
  await inBatches(
    points,
    parameters.pointsPerBatch,
    (prompts) => decode(model, embedding, prompts, parameters, collected),
  );
  const candidates = collected.masks;
  const kept = nonMaximumSuppression(
    candidates.map(({ box }) => box),
    candidates.map(({ predictedIou }) => predictedIou),
    parameters.boxNmsThreshold,
  );
  const masks = kept.map((i): AutomaticMask => {
    const { runs, box, predictedIou, stability, point } = candidates[i];
    return {
      runs: uncropRunLengths(runs, crop.box, width, height),
      area: runLengthArea(runs),
      box: uncropBox(box, crop.box),
      predictedIou,
      stability,
      point: uncropPoint(point, crop.box),
      crop: crop.box,
    };
  });
  return { masks, report: { crop, ...collected.counts, afterNms: masks.length } };
}

/** Larger batches use more memory, are not faster, and leave less work to run in parallel. */
const LARGEST_BATCH = 64;

/** Decodes the points in batches; the next one is started before one is measured. */
async function inBatches(
  points: Float32Array,
  limit: number,
  decodeBatch: (prompts: PointPrompts) => Promise<() => void>,
): Promise<void> {
  const total = points.length / 2;
  const size = Math.min(limit, LARGEST_BATCH);
  const start = (first: number) => {
    const count = Math.min(size, total - first);
    return decodeBatch({ count, points: points.subarray(2 * first, 2 * (first + count)) });
  };
  let pending = start(0);
  for (let first = 0; first < total; first += size) {
    const collect = await pending;
    if (first + size < total) {
      pending = start(first + size);
      // Where measuring fails, the error of the run that was started is not the one to report.
      pending.catch(() => {});
    }
    collect();
  }
}

/** Logits are clamped to ± this value before they are passed back to the model as a mask prompt. */
const LARGEST_LOGIT = 32;

/** Decodes prompts, and gives what collects their masks: it measures them, if no device has filtered them. */
async function decode<Embedding>(
  model: PromptableModel<Embedding>,
  embedding: Embedding,
  prompts: PointPrompts,
  { multimask, refine }: AutomaticMaskParameters,
  collected: CropMasks,
): Promise<() => void> {
  const last = async (prompts: PointPrompts, multimask: boolean) => {
    if (model.decodeInto) {
      const filtered = await model.decodeInto(embedding, prompts, multimask, collected.filter);
      return () => collected.addFiltered(prompts, filtered);
    }
    const decoded = await model.decode(embedding, prompts, multimask);
    return () => collected.add(prompts, decoded);
  };
  if (!refine) return await last(prompts, multimask);
  const decoded = await model.decode(embedding, prompts, multimask);
  const count = prompts.count * decoded.masks;
  const points = new Float32Array(2 * count);
  for (let i = 0; i < points.length; i++) {
    points[i] = prompts.points[2 * Math.floor(i / 2 / decoded.masks) + i % 2];
  }
  const repeated: PointPrompts = { count, points, masks: clamped(decoded.logits) };
  return await last(repeated, false);
}

function clamped(logits: Float32Array): Float32Array {
  const result = new Float32Array(logits.length);
  for (let i = 0; i < logits.length; i++) {
    result[i] = Math.min(Math.max(logits[i], -LARGEST_LOGIT), LARGEST_LOGIT);
  }
  return result;
}
