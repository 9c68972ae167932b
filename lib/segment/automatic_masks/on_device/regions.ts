/** Small holes and islands of logits on a device: the same result as `removeRegions` on the host. */

import { program } from "../../../tensor/graph.ts";
import type { Tensor } from "../../../tensor/op.ts";
import { add, and, equal, greater, lessEqual, mul, where } from "../../../tensor/ops/arithmetic.ts";
import { cast, not } from "../../../tensor/ops/elementwise.ts";
import { gather, scatterAdd } from "../../../tensor/ops/gather.ts";
import { loop } from "../../../tensor/ops/loop.ts";
import { maxPool2d } from "../../../tensor/ops/pool.ts";
import { reshape } from "../../../tensor/ops/shape.ts";
import { concat } from "../../../tensor/ops/slice.ts";
import { sum } from "../../../tensor/ops/broadcast.ts";
import { full, input, iota, zeros } from "../../../tensor/ops/source.ts";
import { CERTAINTY } from "../remove_regions.ts";

/**
 * Logits [N, height, width] without 8-connected regions of at most `limit` pixels: holes (not above `threshold`) are raised to
 * threshold + 10, islands lowered to threshold − 10, both judged by the given logits.
 *
 * Each pixel takes the largest number of its region within `limit` steps. A region of at most `limit` pixels then has one
 * number, and as many pixels as have it. In a larger one, a pixel whose number is as rare has, within `limit` steps, a pixel
 * that another step would change.
 */
export function withoutSmallRegions(logits: Tensor, threshold: number, limit: number): Tensor {
  const [count, height, width] = logits.shape;
  const pixels = height * width;
  const map = reshape(logits, [count, 1, height, width]);
  const inside = greater(map, Math.fround(threshold));
  const sides = cast(concat([inside, not(inside)], 1), "float32");
  const numbers = add(reshape(iota(pixels, "float32"), [1, 1, height, width]), 1);
  const largest = spread(mul(sides, numbers), sides, limit);
  const changing = cast(greater(neighbours(largest, sides), largest), "float32");
  const isLarger = spread(changing, sides, limit);
  const ofPixel = (x: Tensor) => reshape(sum(x, { axes: [1] }), [count, pixels]);
  const number = cast(ofPixel(largest), "int64");
  const areas = scatterAdd(zeros([count, pixels + 1]), 1, number, full([count, pixels], 1));
  const isSmall = and(
    lessEqual(gather(areas, 1, number), Math.floor(limit)),
    equal(ofPixel(isLarger), 0),
  );
  const changed = where(
    inside,
    Math.fround(threshold - CERTAINTY),
    full(map.shape, Math.fround(threshold + CERTAINTY)),
  );
  return where(reshape(isSmall, logits.shape), reshape(changed, logits.shape), logits);
}

/** The largest value of each pixel and its neighbours of the same side. */
function neighbours(values: Tensor, sides: Tensor): Tensor {
  return mul(maxPool2d(values, { kernel: 3, stride: 1, padding: 1 }).values, sides);
}

function spread(values: Tensor, sides: Tensor, steps: number): Tensor {
  const step = program({
    next: neighbours(input("values", "float32", values.shape), input("sides", "float32", sides.shape)),
  });
  return loop(step, {
    turns: Math.floor(steps),
    feedback: new Map([["next", "values"]]),
    scanned: new Set(),
    inputs: new Map([["values", values], ["sides", sides]]),
  }).get("next")!;
}
