/** Published examples of the metrics of contrastivity, their invariants, and what they refuse. */

import assert from "node:assert";
import fc from "fast-check";
import { activationEntropy } from "../../lib/metrics/contrastivity/entropy.ts";
import {
  intraActivationChange,
  intraBoxChange,
  intraMaskChange,
  intraPeakDistance,
} from "../../lib/metrics/contrastivity/intra.ts";
import {
  InterClassDistance,
  intraVectorDistance,
  peakFeatures,
} from "../../lib/metrics/contrastivity/vectors.ts";
import { MetricError } from "../../lib/metrics/metric_error.ts";
import { float32, type HostTensor } from "../../lib/tensor/host_tensor.ts";
import { assertNear, drawnMaps } from "./drawn_maps.ts";

const PEAKS = [
  drawnMaps("2200/2200/0050/0000", "5011/0011/0000/0000"),
  drawnMaps("1002/0000/0100/0111", "0 0 0 5/0 0 0 0/5 0 0 0/10 5 5 5"),
];

function vectors(...rows: number[][]): HostTensor<"float32"> {
  return float32([rows.length, rows[0].length], rows.flat());
}

Deno.test("location change of masks", () => {
  assertNear([
    intraMaskChange(drawnMaps("1100/1100/0000/0000", "0011/0011/0000/0000")),
    intraMaskChange(drawnMaps("1001/0000/0100/0111", "0001/0000/1000/1111")),
  ], [1, 0.5]);
  assertNear([intraMaskChange(drawnMaps("00/00", "00/00")), intraMaskChange(drawnMaps("11/11"))], [NaN, NaN]);
});

Deno.test("location change of boxes", () => {
  assertNear([
    intraBoxChange([[0, 0, 5, 4], [1, 2, 5, 6]]),
    intraBoxChange([[0, 0, 10, 10], [5, 5, 15, 15], [20, 20, 30, 30]]),
    intraBoxChange([[0, 0, 4, 4], [0, 0, 4, 4], [0, 0, 4, 4]]),
    intraBoxChange([[0, 0, 4, 4], [2, 2, 2, 2]]),
  ], [0.7142857, 0.9523810, 0, NaN]);
});

Deno.test("activation change, which is refused for a map of zeros", () => {
  assertNear([
    intraActivationChange(drawnMaps("2200/2200/0000/0000", "0011/0011/0000/0000")),
    intraActivationChange(drawnMaps("1001/0000/0100/0111", "0005/0000/5000/5555")),
  ], [0.5, 0.8]);
  assert.throws(() => intraActivationChange(drawnMaps("12/00", "00/00")), MetricError);
});

Deno.test("distance of peaks: by the height in the reference, by the width as intended", () => {
  assertNear(PEAKS.map((maps) => intraPeakDistance(maps, "height")), [4, 6]);
  const wide = drawnMaps("900/000", "000/009");
  assert.deepStrictEqual([intraPeakDistance(wide, "width"), intraPeakDistance(wide, "height")], [3, 3]);
  const row = drawnMaps("9000/0000", "0009/0000");
  assert.deepStrictEqual([intraPeakDistance(row, "width"), intraPeakDistance(row, "height")], [3, 2]);
});

Deno.test("features at the peaks", () => {
  const third = ["5011/1011/0010/1000", "5011/0011/0000/0000"].map((text) => drawnMaps(text).data);
  const found = PEAKS.map((maps, i) => {
    const features = float32([3, 16], [...maps.data, ...third[i]]);
    return [...peakFeatures(maps, features).data];
  });
  assert.deepStrictEqual(found, [[5, 0, 1, 2, 5, 5], [2, 5, 1, 0, 10, 0]]);
  assert.throws(() => peakFeatures(PEAKS[0], float32([1, 9], new Float32Array(9))), /must be 16, but is 9/);
});

Deno.test("distance of the vectors of an image", () => {
  assertNear([
    intraVectorDistance(vectors([1, 1, 1], [1, 1, 1])),
    intraVectorDistance(vectors([0, 0, 1], [1, 0, 0])),
    intraVectorDistance(vectors([-1, 1, 1], [1, -1, -1])),
    intraVectorDistance(vectors([1, 0], [0, 1], [1, 1])),
    intraVectorDistance(vectors([0, 0], [0, 0], [0, 0])),
  ], [0, 1, 2, 0.5285954, 1.5]);
});

Deno.test("distance between classes, of equal ranks only", () => {
  const zeros = new InterClassDistance(2);
  zeros.add(vectors([1, 1, 1], [1, 1, 1], [1, 1, 1]), 0);
  zeros.add(vectors([0, 0, 0], [0, 0, 0], [0, 0, 0]), 1);
  assertNear(zeros.perClass(), [1, 1]);
  const distance = new InterClassDistance(3);
  distance.add(vectors([1, 0], [0, 1]), 0);
  distance.add(vectors([1, 0], [1, 0]), 0);
  distance.add(vectors([0, 1], [0, 1]), 1);
  assertNear(distance.perClass(), [0.75, 0.75, 0]);
  assertNear(distance.perImage(), [0.5, 1, 0.75]);
  assertNear([distance.mean()], [0.5]);
  assert.throws(
    () => distance.add(vectors([1, 0]), 1),
    /have the shape \[1,2\], but those of the first image have \[2,2\]/,
  );
  assert.throws(
    () => distance.add(vectors([1, 0], [0, 1]), 3),
    /label of image 3 must be .* 0 to 2, but is 3/,
  );
});

Deno.test("sums over classes equal the mean over pairs of images", () => {
  const value = fc.float({ min: -1, max: 1, noNaN: true });
  const image = fc.tuple(fc.array(value, { minLength: 6, maxLength: 6 }), fc.integer({ min: 0, max: 2 }));
  fc.assert(fc.property(fc.array(image, { minLength: 2, maxLength: 8 }), (images) => {
    const distance = new InterClassDistance(3);
    for (const [values, label] of images) distance.add(float32([2, 3], values), label);
    const naive = images.map(([a, label]) => {
      const others = images.filter((other) => other[1] !== label);
      const distances = others.flatMap(([b]) => [0, 3].map((at) => 1 - cosine(a, b, at)));
      return distances.length === 0 ? 0 : distances.reduce((x, y) => x + y) / distances.length;
    });
    assertNear(distance.perImage(), naive);
  }));
});

function cosine(a: number[], b: number[], at: number): number {
  const [u, v] = [a, b].map((values) => Float32Array.from(values.slice(at, at + 3)));
  const norm = (w: Float32Array) => Math.max(Math.hypot(...w), 1e-8);
  return u.reduce((sum, value, i) => sum + value * v[i], 0) / (norm(u) * norm(v));
}

Deno.test("entropy of the scores of a prototype", () => {
  const columns = [[1, 2, 3, 4], [2, 2, 2, 2], [4, 1, 2, 3]].map((column) => Float32Array.from(column));
  assertNear(columns.map((column) => activationEntropy(column)), [1, 0, 1]);
  assertNear([activationEntropy(Float32Array.of(0.1, 0.1))], [0]);
  assertNear([activationEntropy(Float32Array.of(0.1, 1))], [1]);
  assert.throws(() => activationEntropy(new Float32Array(4)), MetricError);
});

Deno.test("location change doesn't depend on the order of the maps", () => {
  const bits = fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 6, maxLength: 6 });
  fc.assert(fc.property(fc.array(bits, { minLength: 2, maxLength: 5 }), (maps) => {
    const change = (list: number[][]) => intraMaskChange(float32([list.length, 2, 3], list.flat()));
    assertNear([change(maps)], [change([...maps].reverse())]);
  }));
});
