/** Parts of run lengths, and run lengths of all regions: the same as from whole masks. */

import { deepStrictEqual, strictEqual } from "node:assert";
import fc from "fast-check";
import { imageOfMask, mask } from "../../../lib/vision/image.ts";
import { connectedComponents } from "../../../lib/vision/masks/components.ts";
import { regionRunLengths } from "../../../lib/vision/masks/region_runs.ts";
import { decodeRunLengths, encodeRunLengths } from "../../../lib/vision/masks/rle.ts";
import {
  decodeRectangle,
  isSetAt,
  rectangleRunLengths,
  sampleRunLengths,
} from "../../../lib/vision/masks/rle_parts.ts";
import { resizeLinear, resizeRunLengthsLinear } from "../../../lib/vision/resize/opencv.ts";
import { arbitraryMask } from "./arbitrary_mask.ts";

const side = fc.integer({ min: 1, max: 30 });

Deno.test("pixels, samples and rectangles of run lengths are those of the mask", () => {
  const shares = fc.tuple(...Array.from({ length: 4 }, () => fc.double({ min: 0, max: 0.999, noNaN: true })));
  fc.assert(fc.property(arbitraryMask(40), shares, (whole, [a, b, c, d]) => {
    const { width, height, data } = whole;
    const runs = encodeRunLengths(whole);
    deepStrictEqual(decodeRunLengths(runs), whole);
    const [left, top] = [Math.floor(a * width), Math.floor(b * height)];
    const part = {
      left,
      top,
      width: 1 + Math.floor(c * (width - left)),
      height: 1 + Math.floor(d * (height - top)),
    };
    const columns = Int32Array.from({ length: part.width }, (_, x) => left + x).reverse();
    const rows = Int32Array.from({ length: 2 * part.height }, (_, y) => top + (y >> 1));
    const decoded = decodeRectangle(runs, part);
    const samples = sampleRunLengths(runs, columns, rows);
    for (let y = 0; y < part.height; y++) {
      for (let x = 0; x < part.width; x++) {
        const expected = data[(top + y) * width + left + x];
        strictEqual(decoded.data[y * part.width + x], expected);
        strictEqual(isSetAt(runs, left + x, top + y), expected === 1);
        strictEqual(samples[2 * y * part.width + part.width - 1 - x], expected);
      }
    }
  }));
});

Deno.test("run lengths are resized as the mask that they describe", () => {
  fc.assert(fc.property(arbitraryMask(40), side, side, (whole, width, height) => {
    deepStrictEqual(
      resizeRunLengthsLinear(encodeRunLengths(whole), width, height).data,
      resizeLinear(imageOfMask(whole), width, height).data,
    );
  }));
});

Deno.test("the run lengths of every region are those of its mask", () => {
  fc.assert(fc.property(arbitraryMask(40), fc.constantFrom(4 as const, 8 as const), (whole, connectivity) => {
    const { width, height } = whole;
    const components = connectedComponents(whole, connectivity, "opencv");
    const found = regionRunLengths(components, width, height);
    strictEqual(found.length, components.areas.length);
    found.forEach((runs, i) => {
      const own = Uint8Array.from(components.labels, (label) => label === i + 1 ? 1 : 0);
      deepStrictEqual(runs, encodeRunLengths(mask(width, height, own)));
    });
  }));
});

Deno.test("a rectangle's run lengths are those of its mask, and empty ones have none", () => {
  const corner = fc.integer({ min: 0, max: 6 });
  fc.assert(fc.property(corner, corner, corner, corner, (left, top, right, bottom) => {
    const whole = mask(6, 6);
    for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) whole.data[6 * y + x] = 1;
    deepStrictEqual(rectangleRunLengths(6, 6, [left, top, right, bottom]), encodeRunLengths(whole));
  }));
});
