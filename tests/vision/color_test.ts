/** Colour conversions and normalisation at known points, and what they refuse. */

import { strict as assert } from "node:assert";
import { image } from "../../lib/vision/image.ts";
import { grayLevel } from "../../lib/vision/color/gray.ts";
import { hsvOf, rgbOf } from "../../lib/vision/color/hsv.ts";
import { labOfRgb } from "../../lib/vision/color/lab.ts";
import {
  IMAGENET,
  levelsInto,
  normalize,
  normalizeInto,
  normalizeTables,
} from "../../lib/vision/normalize.ts";
import { overWhite } from "../../lib/vision/over_white.ts";

const PRIMARIES: readonly (readonly [number, number, number])[] = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [
  255,
  255,
  255,
], [0, 0, 0]];

Deno.test("primaries, white and black have their known greys, hues and lightnesses", () => {
  assert.deepEqual(PRIMARIES.map((rgb) => grayLevel(...rgb)), [76, 150, 29, 255, 0]);
  assert.deepEqual(PRIMARIES.map((rgb) => hsvOf(...rgb)), [
    0 << 16 | 255 << 8 | 255,
    60 << 16 | 255 << 8 | 255,
    120 << 16 | 255 << 8 | 255,
    255,
    0,
  ]);
  const lab = labOfRgb(image(5, 1, "RGB", Uint8Array.from(PRIMARIES.flat())));
  assert.deepEqual([...lab.data].slice(9), [255, 128, 128, 0, 128, 128]);
});

Deno.test("HSV comes back to nearly the same RGB", () => {
  for (let i = 0; i < 512; i++) {
    const rgb = [0, 1, 2].map((c) => (3 * i + c) * 73 + (3 * i + c >> 4) & 255) as [number, number, number];
    const hsv = hsvOf(...rgb);
    const back = rgbOf(hsv >> 16, hsv >> 8 & 255, hsv & 255, 0.5);
    rgb.forEach((level, c) => assert.ok(Math.abs((back >> (16 - 8 * c) & 255) - level) <= 6));
  }
});

Deno.test("a conversion refuses an image of another colour order", () => {
  const bgr = image(1, 1, "BGR");
  for (const convert of [labOfRgb, overWhite]) {
    assert.throws(() => convert(bgr), /order .*, but it is BGR/);
  }
  assert.throws(() => normalize(bgr, IMAGENET), /RGB/);
});

Deno.test("normalisation writes planes: red, green, blue", () => {
  const source = image(2, 1, "RGB", Uint8Array.of(255, 0, 0, 0, 255, 255));
  const { shape, data } = normalize(source, { mean: [0.5, 0.5, 0.5], std: [0.5, 0.25, 0.5] });
  assert.deepEqual(shape, [3, 1, 2]);
  [1, -1, -2, 2, -1, 1].forEach((expected, i) => assert.ok(Math.abs(data[i] - expected) < 1e-6));
  const batch = new Float32Array(12);
  normalizeInto(source, normalizeTables(IMAGENET), batch, 6);
  assert.ok(batch.subarray(0, 6).every((value) => value === 0));
  assert.ok(Math.abs(batch[6] - (1 - 0.485) / 0.229) < 1e-5);
  assert.throws(() => normalizeInto(source, normalizeTables(IMAGENET), batch, 7), /don't fit/);
  const levels = new Uint8Array(7).fill(9);
  levelsInto(source, levels, 1);
  assert.deepEqual([...levels], [9, 255, 0, 0, 255, 0, 255]);
  assert.throws(() => levelsInto(source, levels, 2), /6 values from 2 on don't fit into a batch of 7/);
  assert.throws(() => levelsInto(image(1, 1, "BGR"), levels, 0), /RGB/);
});
