import assert from "node:assert";
import fc from "fast-check";
import { mask } from "../../../lib/vision/image.ts";
import { isNearCropEdge, uncropMask, uncropRunLengths } from "../../../lib/vision/masks/crop.ts";
import { encodeRunLengths } from "../../../lib/vision/masks/rle.ts";
import { arbitraryMask, drawn } from "./arbitrary_mask.ts";

Deno.test("a mask of a crop lands in its place", () => {
  const placed = uncropMask(drawn("#.", "##"), [1, 1, 3, 3], 4, 3);
  assert.deepStrictEqual(placed, drawn("....", ".#..", ".##."));
});

Deno.test("masks that do not fit the crop, and crops outside the image, are refused", () => {
  assert.throws(() => uncropMask(mask(2, 2), [0, 0, 3, 2], 9, 9), /does not fit the crop/);
  assert.throws(() => uncropMask(mask(2, 2), [8, 0, 10, 2], 9, 9), /does not lie in an image/);
});

Deno.test("an edge of the crop counts unless it is one of the image", () => {
  const whole = [0, 0, 200, 100] as const;
  assert.strictEqual(isNearCropEdge([0, 30, 50, 60], [100, 0, 200, 100], whole, 20), true);
  assert.strictEqual(isNearCropEdge([0, 30, 50, 60], [0, 0, 100, 100], whole, 20), false);
  assert.strictEqual(isNearCropEdge([30, 30, 80, 60], [0, 0, 100, 100], whole, 20), true);
  assert.strictEqual(isNearCropEdge([30, 30, 79, 60], [0, 0, 100, 100], whole, 20), false);
});

Deno.test("run lengths of a crop land where its pixels do", () => {
  const margin = fc.integer({ min: 0, max: 3 });
  fc.assert(fc.property(arbitraryMask(7), margin, margin, margin, margin, (one, left, top, right, bottom) => {
    const crop = [left, top, left + one.width, top + one.height] as const;
    const [width, height] = [crop[2] + right, crop[3] + bottom];
    assert.deepStrictEqual(
      uncropRunLengths(encodeRunLengths(one), crop, width, height),
      encodeRunLengths(uncropMask(one, crop, width, height)),
    );
  }));
  assert.throws(
    () => uncropRunLengths(encodeRunLengths(mask(2, 2)), [0, 0, 3, 2], 9, 9),
    /does not fit the crop/,
  );
});
