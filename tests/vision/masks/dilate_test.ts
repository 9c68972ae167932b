import assert from "node:assert";
import fc from "fast-check";
import type { Mask } from "../../../lib/vision/image.ts";
import { dilate, type ElementShape, structuringElement } from "../../../lib/vision/masks/dilate.ts";
import { arbitraryMask, drawn } from "./arbitrary_mask.ts";

Deno.test("the 3 × 3 ellipse is a plus, the 5 × 5 one lacks three pixels in each corner's row", () => {
  assert.deepStrictEqual(structuringElement("ellipse", 3), drawn(".#.", "###", ".#."));
  assert.deepStrictEqual(structuringElement("cross", 3), drawn(".#.", "###", ".#."));
  assert.deepStrictEqual(structuringElement("rect", 2), drawn("##", "##"));
  assert.deepStrictEqual(
    structuringElement("ellipse", 5),
    drawn("..#..", "#####", "#####", "#####", "..#.."),
  );
});

Deno.test("sizes that are no positive integer are refused", () => {
  for (const size of [0, -3, 2.5, NaN]) assert.throws(() => structuringElement("rect", size), RangeError);
});

Deno.test("dilation is the maximum under the element, zeros outside", () => {
  const shape = fc.constantFrom<ElementShape>("rect", "cross", "ellipse");
  fc.assert(fc.property(arbitraryMask(9), shape, fc.integer({ min: 1, max: 7 }), (one, shape, size) => {
    const element = structuringElement(shape, size);
    assert.deepStrictEqual([...dilate(one, element).data], naiveDilation(one, element));
  }));
});

function naiveDilation({ width, height, data }: Mask, element: Mask): number[] {
  const anchor = element.width >> 1;
  return Array.from({ length: width * height }, (_, at) => {
    for (let i = 0; i < element.data.length; i++) {
      if (element.data[i] === 0) continue;
      const x = at % width + i % element.width - anchor;
      const y = Math.floor(at / width) + Math.floor(i / element.width) - anchor;
      if (x >= 0 && x < width && y >= 0 && y < height && data[y * width + x] !== 0) return 1;
    }
    return 0;
  });
}
