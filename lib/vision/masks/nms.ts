/** Greedy non-maximum suppression of boxes. */

import type { Box } from "./boxes.ts";
import { boxIou } from "./iou.ts";

/**
 * The indices of the boxes that stay, by falling score, ties in input order. A box is dropped when its IoU with a
 * box that stays is above `threshold`; the comparison is made in float32. Boxes without area neither drop others
 * nor are dropped.
 *
 * @param boxes corners [x1, y1, x2, y2], areas (x2 − x1)(y2 − y1)
 * @throws {RangeError} when there are not as many scores as boxes, or a score is NaN.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import type { Box } from "./boxes.ts";
 * import { nonMaximumSuppression } from "./nms.ts";
 *
 * const boxes: Box[] = [[0, 0, 10, 10], [1, 0, 11, 10], [50, 50, 60, 60]];
 * assert.deepEqual(nonMaximumSuppression(boxes, [0.8, 0.9, 0.5], 0.7), [1, 2]);
 * ```
 */
export function nonMaximumSuppression(
  boxes: readonly Box[],
  scores: ArrayLike<number>,
  threshold: number,
): number[] {
  if (scores.length !== boxes.length) {
    throw new RangeError(`${boxes.length} boxes need as many scores, but ${scores.length} were given`);
  }
  for (let i = 0; i < scores.length; i++) {
    if (Number.isNaN(scores[i])) throw new RangeError(`the score of box ${i} is NaN, which has no rank`);
  }
  const limit = Math.fround(threshold);
  const order = boxes.map((_, i) => i).sort((a, b) => compareDescending(scores[a], scores[b]));
  const dropped = new Uint8Array(boxes.length);
  const keep: number[] = [];
  for (let rank = 0; rank < order.length; rank++) {
    const i = order[rank];
    if (dropped[i]) continue;
    keep.push(i);
    for (let later = rank + 1; later < order.length; later++) {
      const j = order[later];
      if (!dropped[j] && boxIou(boxes[i], boxes[j]) > limit) dropped[j] = 1;
    }
  }
  return keep;
}

// Infinite scores are equal to themselves, but their difference is NaN.
function compareDescending(a: number, b: number): number {
  return a === b ? 0 : a > b ? -1 : 1;
}
