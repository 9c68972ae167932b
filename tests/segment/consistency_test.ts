import assert from "node:assert";
import { maskPatterns } from "../../lib/segment/consistency.ts";
import { type Mask, mask } from "../../lib/vision/image.ts";
import { maskConsistency } from "./mask_consistency.ts";

function half(side: "left" | "right"): Mask {
  return mask(
    40,
    20,
    Uint8Array.from({ length: 800 }, (_, i) => (i % 40 < 20) === (side === "left") ? 1 : 0),
  );
}

const images = [
  { label: 0, masks: [half("left"), half("right")], parts: [[3, 5, 5], [4, 30, 5]] as const },
  { label: 0, masks: [half("left")], parts: [[3, 5, 5], [4, 30, 5]] as const },
];

Deno.test("patterns name parts as intended, and positions as in the reference", () => {
  assert.deepStrictEqual(maskConsistency(images, 1, "intended").patterns, [[4, 8], [4]]);
  assert.deepStrictEqual(maskConsistency(images, 1, "reference").patterns, [[1, 2], [1]]);
});

Deno.test("a class's score is the mean share of images over the patterns that occur", () => {
  const { classMeans, classStds, total } = maskConsistency(images, 1, "intended");
  assert.deepStrictEqual([classMeans, classStds, total], [[0.75], [0.25], 0.75]);
});

Deno.test("a class without images makes the total undefined", () => {
  const { classMeans, total } = maskConsistency(images, 2, "intended");
  assert.deepStrictEqual([classMeans, total], [[0.75, NaN], NaN]);
});

Deno.test("a part outside its mask is refused", () => {
  assert.throws(() => maskPatterns([half("left")], [[1, 40, 0]], "intended"), /outside its mask of 40 × 20/);
});

Deno.test("a part beyond the border is taken to it, one before it is refused", () => {
  const far = [{ label: 0, masks: [half("right")], parts: [[1, 45, 25]] as const }];
  assert.deepStrictEqual(maskConsistency(far, 1, "intended").patterns, [[1]]);
  const negative = [{ label: 0, masks: [half("right")], parts: [[1, -2, 5]] as const }];
  assert.throws(() => maskConsistency(negative, 1, "intended"), /outside its image/);
});
