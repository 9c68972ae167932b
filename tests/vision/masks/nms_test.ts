import assert from "node:assert";
import fc from "fast-check";
import type { Box } from "../../../lib/vision/masks/boxes.ts";
import { boxIou } from "../../../lib/vision/masks/iou.ts";
import { nonMaximumSuppression } from "../../../lib/vision/masks/nms.ts";

const arbitraryBox: fc.Arbitrary<Box> = fc.tuple(...[0, 1, 2, 3].map(() => fc.integer({ min: 0, max: 20 })))
  .map(([x, y, w, h]): Box => [x, y, x + w, y + h]);
const scored = fc.array(
  fc.record({ box: arbitraryBox, score: fc.integer({ min: 0, max: 8 }) }),
  { maxLength: 25 },
);

Deno.test("what stays does not overlap, what is dropped overlaps a better one, and the order is by score", () => {
  fc.assert(fc.property(scored, fc.constantFrom(0, 0.3, 0.5, 0.7, 1), (list, threshold) => {
    const boxes = list.map(({ box }) => box);
    const scores = list.map(({ score }) => score);
    const keep = nonMaximumSuppression(boxes, scores, threshold);
    const limit = Math.fround(threshold);
    keep.forEach((i, rank) => {
      if (rank > 0) {
        const before = keep[rank - 1];
        assert.ok(scores[before] > scores[i] || (scores[before] === scores[i] && before < i));
      }
      for (const j of keep.slice(rank + 1)) assert.ok(!(boxIou(boxes[i], boxes[j]) > limit));
    });
    for (const j of boxes.keys()) {
      if (keep.includes(j)) continue;
      assert.ok(keep.some((i) => scores[i] >= scores[j] && boxIou(boxes[i], boxes[j]) > limit));
    }
  }));
});

Deno.test("infinite scores have a rank, NaN and missing ones are refused", () => {
  const boxes: Box[] = [[0, 0, 1, 1], [5, 5, 6, 6]];
  assert.deepStrictEqual(nonMaximumSuppression(boxes, [-Infinity, Infinity], 0.5), [1, 0]);
  assert.throws(() => nonMaximumSuppression(boxes, [1, NaN], 0.5), /score of box 1 is NaN/);
  assert.throws(() => nonMaximumSuppression(boxes, [1], 0.5), /2 boxes need as many scores/);
});

Deno.test("boxes without area are neither dropped nor drop others", () => {
  const point: Box = [3, 3, 3, 3];
  assert.ok(Number.isNaN(boxIou(point, point)));
  assert.deepStrictEqual(nonMaximumSuppression([point, point], [1, 1], 0.1), [0, 1]);
});
