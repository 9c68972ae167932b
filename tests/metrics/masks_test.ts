/** Published examples of the rules that make masks of maps, and the quantile against sorting. */

import assert from "node:assert";
import fc from "fast-check";
import { fillBox } from "../../lib/metrics/masks/filled_box.ts";
import { clipMap, percentileMask } from "../../lib/metrics/masks/percentile_mask.ts";
import { quantile } from "../../lib/metrics/masks/quantile.ts";
import { clipSaliency, percentileBoxes } from "../../lib/metrics/masks/saliency.ts";
import { binaryMask, minMaxMask } from "../../lib/metrics/masks/threshold_masks.ts";
import { MetricError } from "../../lib/metrics/metric_error.ts";
import { float32 } from "../../lib/tensor/host_tensor.ts";
import { mask } from "../../lib/vision/image.ts";
import { maskBox } from "../../lib/vision/masks/boxes.ts";
import { assertNear, drawnMap } from "./drawn_maps.ts";
import { maskArea } from "../segment/mask_area.ts";

function bits(text: string): Uint8Array {
  return Uint8Array.from(drawnMap(text).data);
}

/** A 10 × 10 map of zeros but for the given cells. */
function sparse(...cells: [row: number, column: number, value: number][]): Float32Array {
  const map = new Float32Array(100);
  for (const [row, column, value] of cells) map[row * 10 + column] = value;
  return map;
}

const FOUR: [number, number, number][] = [[2, 3, 1], [2, 4, 2], [5, 5, 3], [6, 6, 4]];

Deno.test("masks by a percentile, by the sign and by the range", () => {
  assert.deepStrictEqual(percentileMask(drawnMap("123/456/789").data, 50, "all").mask, bits("000/011/111"));
  const signed = Float32Array.of(0.1, 0, -1, 0, 8, 0, -10, 0, 5);
  assert.deepStrictEqual(binaryMask(signed), bits("100/010/001"));
  assert.deepStrictEqual(minMaxMask(drawnMap("555/556/789").data), bits("000/000/011"));
  const boxed = mask(
    7,
    7,
    binaryMask(drawnMap("0000000/0566600/0866600/0566600/0000000/0000000/0000000").data),
  );
  assert.deepStrictEqual(maskBox(boxed), [1, 1, 4, 3]);
});

Deno.test("percentile masks of 10 × 10 maps, and the boxes of maps and clipped maps", () => {
  const ramp = Float32Array.from({ length: 100 }, (_, i) => i + 1);
  const cases: [Float32Array, number, number, number[]][] = [
    [ramp, 95.0499954, 5, [5, 9, 9, 9]],
    [sparse(...FOUR), 0, 100, [0, 0, 9, 9]],
    [sparse(...FOUR, [7, 1, 5], [8, 2, 6]), 1.05, 5, [1, 2, 6, 8]],
    [sparse([0, 0, 1], [0, 1, 1], [0, 2, 1], [0, 3, 1], [0, 4, 1]), 0.0499954, 5, [0, 0, 4, 0]],
    [sparse(), 0, 100, [0, 0, 9, 9]],
  ];
  for (const [map, threshold, ones, box] of cases) {
    const found = percentileMask(map, 95, "all");
    assert.ok(Math.abs(found.threshold - threshold) < 1e-5);
    assert.strictEqual(maskArea(mask(10, 10, found.mask)), ones);
    assert.deepStrictEqual(maskBox(mask(10, 10, found.mask)), box);
    const clipped = float32([1, 10, 10], clipMap(map, found.mask));
    assert.deepStrictEqual(percentileBoxes(clipped, "all"), [box]);
  }
});

Deno.test("only positive pixels are kept where that is asked for", () => {
  assert.strictEqual(maskArea(mask(10, 10, percentileMask(sparse(...FOUR), 95, "positive").mask)), 4);
  assert.strictEqual(maskArea(mask(10, 10, percentileMask(sparse(), 95, "positive").mask)), 0);
});

Deno.test("one NaN makes the percentile NaN and the mask whole", () => {
  const { threshold, mask: data } = percentileMask(Float32Array.of(1, NaN, 3, 4), 95, "all");
  assert.deepStrictEqual([threshold, [...data]], [NaN, [1, 1, 1, 1]]);
});

Deno.test("a filled box lacks its last row and column in the reference", () => {
  assert.deepStrictEqual(fillBox([5, 9, 9, 9], 10, 10, "exclusive").data, new Uint8Array(100));
  assert.strictEqual(maskArea(fillBox([5, 9, 9, 9], 10, 10, "inclusive")), 5);
});

Deno.test("a saliency map that is a mask stays as it is", () => {
  const maps = float32([1, 2, 2], [1, 0, 0, 0]);
  const { masks, clipped } = clipSaliency(maps, "binary", "all");
  assert.deepStrictEqual([[...masks.data], [...clipped.data]], [[1, 0, 0, 0], [1, 0, 0, 0]]);
  assert.throws(() => clipSaliency(float32([4], [1, 2, 3, 4]), "binary", "all"), /\[maps, height, width\]/);
});

Deno.test("a quantile without sorting equals one with", () => {
  const value = fc.oneof(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(0, -0, 1, -1));
  const values = fc.array(value, { minLength: 1, maxLength: 60 }).map((list) => Float32Array.from(list));
  fc.assert(
    fc.property(values, fc.float({ min: 0, max: 1, noNaN: true }), (given, fraction) => {
      assert.ok(quantile(given, fraction) === sortedQuantile(given, fraction));
    }),
    { numRuns: 500 },
  );
});

function sortedQuantile(values: Float32Array, fraction: number): number {
  const f32 = Math.fround;
  const sorted = values.slice().sort();
  const rank = f32(f32(fraction) * f32(values.length - 1));
  const [low, high] = [sorted[Math.floor(rank)], sorted[Math.ceil(rank)]];
  const weight = f32(rank - Math.floor(rank));
  const step = f32(high - low);
  return weight < 0.5 ? f32(low + f32(weight * step)) : f32(high - f32(step * f32(1 - weight)));
}

Deno.test("quantiles of nothing, and beyond the ends, are refused", () => {
  assert.throws(() => quantile(new Float32Array(0), 0.5), MetricError);
  assert.throws(() => quantile(Float32Array.of(1), 1.5), /from 0 to 1, but is 1.5/);
  assertNear([quantile(Float32Array.of(3, 1, 2), 0), quantile(Float32Array.of(3, 1, 2), 1)], [1, 3]);
});
