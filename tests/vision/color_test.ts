/** Colour conversions and normalisation at known points, and what they refuse. */

import { strict as assert } from "node:assert";
import { image } from "../../lib/vision/image.ts";
import { grayOfRgb, grayOfRgbFloat } from "../../lib/vision/color/gray.ts";
import { hlsOfRgb } from "../../lib/vision/color/hls.ts";
import { hsvOfRgb, rgbOfHsv } from "../../lib/vision/color/hsv.ts";
import { labOfRgb, rgbOfLab } from "../../lib/vision/color/lab.ts";
import { IMAGENET, normalize, normalizeInto, normalizeTables } from "../../lib/vision/normalize.ts";
import { overWhite } from "../../lib/vision/over_white.ts";

const primaries = image(5, 1, "RGB", Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0));

Deno.test("primaries, white and black have their known hues and lightnesses", () => {
  assert.deepEqual([...grayOfRgb(primaries).data], [76, 150, 29, 255, 0]);
  assert.deepEqual([...hsvOfRgb(primaries).data], [
    0,
    255,
    255,
    60,
    255,
    255,
    120,
    255,
    255,
    0,
    0,
    255,
    0,
    0,
    0,
  ]);
  assert.deepEqual([...hlsOfRgb(primaries).data], [
    0,
    128,
    255,
    60,
    128,
    255,
    120,
    128,
    255,
    0,
    255,
    0,
    0,
    0,
    0,
  ]);
  assert.deepEqual([...labOfRgb(primaries).data].slice(9), [255, 128, 128, 0, 128, 128]);
  assert.ok(Math.abs(grayOfRgbFloat(primaries).data[0] - 0.2125) < 1e-6);
});

Deno.test("HSV and LAB come back to nearly the same RGB", () => {
  const source = image(64, 8, "RGB");
  source.data.forEach((_, i) => source.data[i] = (i * 73 + (i >> 4)) & 255);
  const fromHsv = rgbOfHsv(hsvOfRgb(source)).data;
  const fromLab = rgbOfLab(labOfRgb(source)).data;
  source.data.forEach((level, i) => {
    assert.ok(Math.abs(fromHsv[i] - level) <= 6);
    assert.ok(Math.abs(fromLab[i] - level) <= 12);
  });
});

Deno.test("a conversion refuses an image of another colour order", () => {
  const bgr = image(1, 1, "BGR");
  for (
    const convert of [grayOfRgb, grayOfRgbFloat, hsvOfRgb, hlsOfRgb, labOfRgb, rgbOfHsv, rgbOfLab, overWhite]
  ) {
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
});
