/** The filters of the mask generator as part of a decoder's program: only masks that pass leave the device, as bits. */

import type { DecodedOutputs, DecodedTensors } from "../../../models/sam2/decoded_outputs.ts";
import { program } from "../../../tensor/graph.ts";
import { float32, int64 } from "../../../tensor/host_tensor.ts";
import type { Tensor } from "../../../tensor/op.ts";
import {
  add,
  and,
  div,
  greater,
  greaterEqual,
  less,
  lessEqual,
  maximum,
  mul,
  sub,
} from "../../../tensor/ops/arithmetic.ts";
import { sum } from "../../../tensor/ops/broadcast.ts";
import { abs, cast, not } from "../../../tensor/ops/elementwise.ts";
import { loop } from "../../../tensor/ops/loop.ts";
import { amax } from "../../../tensor/ops/reduce.ts";
import { rowsWhere } from "../../../tensor/ops/rows_where.ts";
import { reshape, transpose } from "../../../tensor/ops/shape.ts";
import { concat, pad, sliceAxis, stack } from "../../../tensor/ops/slice.ts";
import { constant, full, input, iota } from "../../../tensor/ops/source.ts";
import type { Box } from "../../../vision/masks/boxes.ts";
import { type AutomaticMaskParameters, EDGE_TOLERANCE } from "../parameters.ts";
import type { Stretching } from "../promptable_model.ts";
import {
  canvasFor,
  canvasInputs,
  type CanvasTensors,
  canvasTensors,
  type MaskCanvas,
  stretched,
} from "./canvas.ts";
import { withoutSmallRegions } from "./regions.ts";

/** The bytes of one map of float64 for the masks that are stretched at once. */
const LARGEST_MAP = 2 ** 29;

/** What decides which masks pass. */
type Limits = Pick<
  AutomaticMaskParameters,
  | "predictedIouThreshold"
  | "stabilityThreshold"
  | "stabilityOffset"
  | "maskThreshold"
  | "minRegionArea"
  | "removeRegions"
>;

/**
 * The filters for a crop. The outputs are those of {@link filteredOutputs}, in each run of a decoder's program. They keep the
 * masks that the host's filters keep, with the same bits, unless a logit is infinite.
 *
 * @param crop,image corners in the image's pixels
 */
export function maskFilter(
  crop: Box,
  image: Box,
  stretching: Stretching,
  parameters: Limits,
): DecodedOutputs {
  const canvas = canvasFor(stretching);
  const { predictedIouThreshold, stabilityThreshold, stabilityOffset, maskThreshold } = parameters;
  const { minRegionArea, removeRegions } = parameters;
  const limits = {
    predictedIouThreshold,
    stabilityThreshold,
    stabilityOffset,
    maskThreshold,
    minRegionArea,
    removeRegions,
  };
  return {
    key: `filtered ${JSON.stringify([canvas, limits])}`,
    of: (decoded) => filteredOutputs(decoded, canvas, limits),
    inputs: canvasInputs(canvas, stretching, crop, image),
  };
}

/**
 * For each mask, in the order of prompts: `ious` and `stability`, float32; whether it passes the filters of both up to then,
 * `certain` and `stable`, and the one of the crop's edge too, `kept`, bool. `bits` has the pixels of the masks that are kept,
 * uint8 [kept, width · height / 8] of the canvas: column by column, the first row in the lowest bit.
 */
function filteredOutputs(
  { logits, ious, count }: DecodedTensors,
  canvas: MaskCanvas,
  limits: Limits,
): Record<string, Tensor> {
  const [prompts, masks, height, width] = logits.shape;
  const total = prompts * masks;
  const atOnce = largestDivisor(total, LARGEST_MAP / (8 * canvas.width * canvas.height));
  const body = program(
    measured(input("logits", "float32", [atOnce, height, width]), canvasTensors(canvas), limits),
  );
  const all = loop(body, {
    turns: total / atOnce,
    feedback: new Map(),
    scanned: new Set(["logits"]),
    inputs: new Map([
      ["logits", reshape(logits, [total / atOnce, atOnce, height, width])],
      ...Object.entries(canvasTensors(canvas)),
    ]),
  });
  const flat = (name: string) => reshape(all.get(name)!, [total]);
  const [stability, scores] = [flat("stability"), reshape(ious, [total])];
  const { predictedIouThreshold: iou, stabilityThreshold: least } = limits;
  const promptOf = Array.from({ length: total }, (_, i) => Math.floor(i / masks));
  const isAsked = less(constant(int64([total], promptOf)), count);
  const certain = iou > 0 ? and(isAsked, greater(scores, Math.fround(iou))) : isAsked;
  const stable = least > 0 ? and(certain, greaterEqual(stability, Math.fround(least))) : certain;
  const kept = and(stable, flat("isAway"));
  const bits = rowsWhere(reshape(all.get("bits")!, [total, -1]), kept);
  return { ious: scores, stability, certain, stable, kept, bits };
}

/** Stability, distance from the crop's edges, and bits of masks [N, height, width], stretched in float64 as on the host. */
function measured(logits: Tensor, crop: CanvasTensors, limits: Limits): Record<string, Tensor> {
  const { maskThreshold, stabilityOffset, minRegionArea, removeRegions } = limits;
  const [low, middle, high] = [
    maskThreshold - stabilityOffset,
    maskThreshold,
    maskThreshold + stabilityOffset,
  ].map(
    Math.fround,
  );
  const cleaned = removeRegions && minRegionArea >= 1
    ? withoutSmallRegions(logits, maskThreshold, minRegionArea)
    : logits;
  // Column by column, as run lengths are.
  const samples = transpose(cast(pad(cleaned, [[0, 0], [1, 0], [1, 0]]), "float64"), [0, 2, 1]);
  const columns = stretched(samples, 1, crop.columnSamples, crop.columnWeights);
  const values = stretched(columns, 2, crop.rowSamples, crop.rowWeights);
  const [count, width, height] = values.shape;
  const isShown = and(
    reshape(less(iota(width), crop.columns), [1, width, 1]),
    reshape(less(iota(height), crop.rows), [1, 1, height]),
  );
  const above = (limit: number) => and(greater(values, limit), isShown);
  const inside = cast(above(middle), "float32");
  const weights = constant(float32([1, 1, 1, 8], Array.from({ length: 8 }, (_, bit) => 2 ** bit)));
  const bytes = sum(mul(reshape(inside, [count, width, height / 8, 8]), weights), { axes: [3] });
  return {
    stability: cast(div(countOf(above(high)), countOf(above(low))), "float32"),
    isAway: not(isNearEdge(boxOf(inside), crop)),
    bits: cast(reshape(bytes, [count, width * height / 8]), "uint8"),
  };
}

/** The pixels of each mask [N, width, height], float64: exact also where float32 is not. */
function countOf(pixels: Tensor): Tensor {
  return sum(cast(sum(cast(pixels, "float32"), { axes: [2] }), "float64"), { axes: [1] });
}

/** Inclusive corners of each mask, float32 [N, 4]; zeros where it is empty. */
function boxOf(inside: Tensor): Tensor {
  const ends = [2, 1].map((across) => {
    const line = amax(inside, { axes: [across] });
    const length = line.shape[1];
    const position = iota(length, "float32");
    const last = maximum(sub(amax(mul(line, add(position, 1)), { axes: [1] }), 1), 0);
    const fromEnd = amax(mul(line, sub(full([length], length), position)), { axes: [1] });
    return [mul(sub(full(fromEnd.shape, length), fromEnd), amax(line, { axes: [1] })), last];
  });
  return stack([ends[0][0], ends[1][0], ends[0][1], ends[1][1]], 1);
}

/** As `isNearCropEdge`. */
function isNearEdge(box: Tensor, { crop, image }: CanvasTensors): Tensor {
  const corner = sliceAxis(crop, 0, 0, 2);
  const placed = add(box, reshape(concat([corner, corner], 0), [1, 4]));
  const isNear = (edges: Tensor) => lessEqual(abs(sub(placed, reshape(edges, [1, 4]))), EDGE_TOLERANCE);
  const isCut = cast(and(isNear(crop), not(isNear(image))), "float32");
  return greater(amax(isCut, { axes: [1] }), 0);
}

function largestDivisor(of: number, limit: number): number {
  for (let divisor = Math.min(of, Math.max(1, Math.floor(limit))); divisor > 1; divisor--) {
    if (of % divisor === 0) return divisor;
  }
  return 1;
}
