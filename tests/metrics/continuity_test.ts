/** Published examples of continuity and output completeness, and their invariants. */

import assert from "node:assert";
import fc from "fast-check";
import { activationChange, sortDescending } from "../../lib/metrics/changes/activation.ts";
import { boxChange, maskChange } from "../../lib/metrics/changes/location.ts";
import { peakDistance, peakIndex, peakValueChange } from "../../lib/metrics/changes/peak.ts";
import { addNoiseOutside } from "../../lib/metrics/completeness/noise.ts";
import { logitChange, rankChanges, topClassRank } from "../../lib/metrics/continuity/ranks.ts";
import { boxStability, maskStability } from "../../lib/metrics/continuity/stability.ts";
import { fillBox } from "../../lib/metrics/masks/filled_box.ts";
import { maximum } from "../../lib/metrics/selection.ts";
import { float32, type HostTensor, hostTensor } from "../../lib/tensor/host_tensor.ts";
import type { Box } from "../../lib/vision/masks/boxes.ts";
import { assertNear, drawnMap } from "./drawn_maps.ts";

const PLACES = float32([5, 2], [3, 1, 3, 3, 0, 3, 6, 3, 3, 5]);

function map(text: string): Float32Array {
  return drawnMap(text).data;
}

Deno.test("changes of logits", () => {
  const [a, b] = [Float32Array.of(.1, .2, 1), Float32Array.of(.2, .4, .5)];
  assertNear([logitChange(a, b), logitChange(b, a)], [0.5, 0.5]);
  assertNear([topClassRank(a, Float32Array.of(1, .2, .1)), topClassRank(b, b)], [2, 0]);
});

Deno.test("stability of boxes and of masks", () => {
  const before: Box[] = [[0, 0, 5, 4], [1, 2, 5, 4], [1, 2, 5, 6]];
  const after: Box[] = [[0, 0, 5, 4], [1, 4, 5, 6], [1, 4, 5, 6]];
  assertNear(before.map((box, i) => boxStability(box, after[i], PLACES)), [1, 0, 0.5]);
  const filled = (box: Box): HostTensor<"uint8"> =>
    hostTensor("uint8", [7, 7], fillBox(box, 7, 7, "inclusive").data);
  assertNear(
    before.map((box, i) => maskStability(filled(box), filled(after[i]), PLACES, "bottom_right")),
    [1, 0, 0.5],
  );
});

Deno.test("unused slots of parts read the bottom-right pixel, or are left out", () => {
  const places = float32([2, 2], [0, 0, -1, -1]);
  const [before, after] = ["10/01", "10/00"].map((text) =>
    hostTensor("uint8", [2, 2], Uint8Array.from(map(text)))
  );
  assertNear([maskStability(before, after, places, "bottom_right")], [0.5]);
  assertNear([maskStability(before, after, places, "ignored")], [1]);
});

Deno.test("changes of boxes: a signed intersection is above 0 for boxes that lie apart in both directions", () => {
  const pairs: [Box, Box][] = [
    [[0, 0, 5, 4], [0, 0, 5, 4]],
    [[1, 2, 5, 4], [1, 4, 5, 6]],
    [[1, 2, 5, 6], [1, 4, 5, 6]],
  ];
  assertNear(pairs.map(([a, b]) => boxChange(a, b, "signed")), [0, 1, 0.5]);
  assertNear(pairs.map(([a, b]) => boxChange(a, b, "clamped")), [0, 1, 0.5]);
  assertNear([
    boxChange([0, 0, 2, 2], [4, 4, 6, 6], "signed"),
    boxChange([0, 0, 2, 2], [4, 4, 6, 6], "clamped"),
  ], [
    0,
    1,
  ]);
});

Deno.test("changes of activations, masks and peaks", () => {
  const pairs: [string, string][] = [
    ["2200/2200/0050/0000", "1 1 0 0/1 1 0 0/0 0 2.5 0/0 0 0 0"],
    ["5011/0011/0000/0000", "0000/0000/0000/0000"],
  ];
  assertNear(pairs.map((pair) => activationChange(...sortedPair(pair))), [0.5, 1]);
  const masks: [string, string][] = [
    ["1100/1100/0000/0000", "0011/0011/0000/0000"],
    ["1001/0000/0100/0111", "0001/0000/1000/1111"],
  ];
  assertNear(masks.map(([a, b]) => maskChange(map(a), map(b))), [1, 0.5]);
  const values: [string, string][] = [
    ["2200/2200/0050/0000", "2.5 0 1 1/0 0 1 1/0 0 0 0/0 0 0 0"],
    ["1 0 0 2.5/0 0 0 0/0 1 0 0/0 1 1 1", "0 0 0 5/0 0 0 0/5 0 0 0/10 5 5 5"],
  ];
  assertNear(values.map(([a, b]) => peakValueChange(maximum(map(a)), maximum(map(b)))), [0.5, 3]);
  const peaks: [string, string][] = [
    ["2200/2200/0050/0000", "5011/0011/0000/0000"],
    ["1002/0000/0100/0111", "0 0 0 5/0 0 0 0/5 0 0 0/10 5 5 5"],
  ];
  assertNear(peaks.map(([a, b]) => peakDistance(peakIndex(map(a)), peakIndex(map(b)), 4)), [4, 6]);
});

function sortedPair(pair: readonly [string, string]): [Float32Array, Float32Array] {
  return [sortDescending(map(pair[0])), sortDescending(map(pair[1]))];
}

Deno.test("changes of rank", () => {
  const scores = [[1, .2, .1, .3], [.2, .4, .5, .3], [.1, .2, 1, .3]].map((row) => Float32Array.from(row));
  assert.deepStrictEqual(scores.map((row) => rankChanges([0, 1, 2], row)), [[0, 1, 1], [3, 0, 2], [3, 1, 2]]);
  assert.throws(() => rankChanges([0, 1], scores), /lists of scores must be 2, but is 3/);
  assert.throws(() => rankChanges([7], scores[0]), /rank 0 must be an integer from 0 to 3, but is 7/);
});

Deno.test("noise leaves the inclusive box alone", () => {
  const image = float32([1, 3, 3], map("255 255 0/255 255 0/0 0 0"));
  const noise = float32([1, 3, 3], new Float32Array(9).fill(0.5));
  const noisy = addNoiseOutside(image, noise, [0, 0, 1, 1]);
  assert.deepStrictEqual([...noisy.noise.data], [0, 0, .5, 0, 0, .5, .5, .5, .5]);
  assert.deepStrictEqual([...noisy.image.data], [255, 255, .5, 255, 255, .5, .5, .5, .5]);
  assert.throws(
    () => addNoiseOutside(image, float32([9], noise.data), [0, 0, 1, 1]),
    /must have the same shape/,
  );
});

Deno.test("changes are symmetric, and 0 from a map to itself", () => {
  const values = fc.array(fc.float({ min: 0, max: 8, noNaN: true }), { minLength: 9, maxLength: 9 })
    .filter((list) => list.some((value) => value > 0)).map((list) => Float32Array.from(list));
  fc.assert(fc.property(values, values, (a, b) => {
    assert.strictEqual(maskChange(a, b), maskChange(b, a));
    assert.strictEqual(maskChange(a, a), 0);
    const [x, y] = [sortDescending(a), sortDescending(b)];
    assert.strictEqual(activationChange(x, y), activationChange(y, x));
    assert.strictEqual(activationChange(x, x), 0);
  }));
});

Deno.test("sorting in descending order keeps every value", () => {
  const values = fc.array(fc.oneof(fc.constant(0), fc.float({ noNaN: true })), { maxLength: 40 });
  fc.assert(fc.property(values, (list) => {
    const given = Float32Array.from(list, (value) => value + 0);
    assert.deepStrictEqual(sortDescending(given), given.slice().sort().reverse());
  }));
});
