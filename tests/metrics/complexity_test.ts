/** Published examples of the metrics of complexity, and what they refuse. */

import assert from "node:assert";
import fc from "fast-check";
import { PartConsistency } from "../../lib/metrics/complexity/consistency.ts";
import { objectMask } from "../../lib/metrics/complexity/object_mask.ts";
import { objectOverlaps } from "../../lib/metrics/complexity/overlap.ts";
import { partsInBox, partsOnMap } from "../../lib/metrics/complexity/part_hits.ts";
import { relevanceDifference, relevanceRatio } from "../../lib/metrics/complexity/relevance.ts";
import { MetricError } from "../../lib/metrics/metric_error.ts";
import { float32, hostTensor } from "../../lib/tensor/host_tensor.ts";
import { assertNear, drawnMap } from "./drawn_maps.ts";

const OBJECTS = ["1000/0100/0010/0001", "1001/0100/0010/1001"].map((text) => drawnMap(text).data);
const ZEROS = new Array(3).fill("0000/0000/0000/0000");

/** Per object three maps. */
const MAPS = {
  A: [
    ["1100/1100/0000/0000", "0000/0110/0110/0000", "0000/0000/0011/0011"],
    ["1001/0000/0100/0111", "0001/0000/1000/1111", "0010/0101/0010/0101"],
  ],
  Z: [ZEROS, ZEROS],
  N: [
    ["0000/1000/1100/1110", "0111/0011/0001/0000", "0111/1011/1101/1110"],
    ["0110/0011/0001/0000", "0000/1000/1100/0110", "0110/1011/1101/0110"],
  ],
  V: [
    ["5100/1500/0000/0000", "0000/0520/0250/0000", "0000/0000/0091/0031"],
    ["5005/0000/0500/0555", "0001/0000/4000/1441", "1221/2122/2212/1221"],
  ],
  I: [
    ["1000/0100/0010/0001", "2000/0200/0020/0002", "1000/0200/0030/0004"],
    ["1002/0100/0010/2001", "2003/0300/0030/2003", "10 0 0 9/0 8 0 0/0 0 8 0/6 0 0 9"],
  ],
  J: [
    ["1000/0100/0010/0001", "2000/0200/0020/0002", "2000/0200/0040/0004"],
    ["2002/0100/0010/2001", "3006/0300/0030/6006", "8002/0800/0080/8002"],
  ],
};

function over(
  maps: keyof typeof MAPS,
  metric: (map: Float32Array, object: Float32Array) => number,
): number[] {
  return MAPS[maps].flatMap((row, i) => row.map((text) => metric(drawnMap(text).data, OBJECTS[i])));
}

const all = (value: number) => new Array(6).fill(value);

Deno.test("overlaps of a mask with the object", () => {
  const expected: [keyof typeof MAPS, number, number, number][] = [
    ["A", 1 / 3, 0.5, 0.5],
    ["Z", 0, 0, 0],
    ["N", 0, 0, 1],
  ];
  for (const [maps, iou, object, background] of expected) {
    assertNear(over(maps, (map, mask) => objectOverlaps(map, mask).iou), all(iou));
    assertNear(over(maps, (map, mask) => objectOverlaps(map, mask).objectOverlap), all(object));
    assertNear(over(maps, (map, mask) => objectOverlaps(map, mask).backgroundOverlap), all(background));
  }
});

Deno.test("relevance inside the object against outside", () => {
  const ratio = (map: Float32Array, object: Float32Array) => relevanceRatio(map, object, "none");
  assertNear(over("V", ratio), [0.2, 0.4, 0.4, 1, 4, 2]);
  assertNear(over("Z", ratio), all(Infinity));
  assertNear(over("N", ratio), all(Infinity));
  assertNear(over("I", ratio), all(0));
  assertNear(over("V", relevanceDifference), [0.8, 0.6, 1 / 3, 0, -0.75, -0.5]);
  assertNear(over("Z", relevanceDifference), all(0));
  assertNear(over("N", relevanceDifference), all(-1));
  assertNear(over("J", relevanceDifference), [1, 1, 0.75, 0.75, 0.75, 0.75]);
});

Deno.test("a relevance ratio is clamped below only where that is asked for", () => {
  const map = Float32Array.of(1e-10, 1);
  const object = Float32Array.of(1, 0);
  assert.ok(relevanceRatio(map, object, "none") > 9e9);
  assertNear([relevanceRatio(map, object, "inside") / 1e8], [1]);
});

Deno.test("parts in a box, corners included", () => {
  const parts = {
    places: float32([5, 2], [3, 1, 3, 3, 0, 3, 6, 3, 3, 5]),
    ids: Int32Array.of(1, 2, 3, 4, 5),
  };
  assert.deepStrictEqual([...partsInBox([0, 0, 5, 4], parts)], [1, 2, 3, 0, 0]);
  assert.deepStrictEqual([...partsInBox([1, 2, 5, 6], parts)], [0, 2, 0, 0, 5]);
});

Deno.test("parts on a map: truncated relevance and unused slots, or the mask alone", () => {
  const parts = { places: float32([3, 2], [0, 1, 3, 3, -1, -1]), ids: Int32Array.of(4, 7, -1) };
  const maps = ["0000/1000/0000/0002", "0000/1000/0000/0000"].map(drawnMap);
  maps[0].data.set([Math.fround(0.9)], 4);
  maps[0].data.set([Math.fround(2.7)], 15);
  assert.deepStrictEqual(maps.map((map) => [...partsOnMap(map, parts, "truncate")]), [[0, 14, -2], [
    4,
    0,
    0,
  ]]);
  assert.deepStrictEqual(maps.map((map) => [...partsOnMap(map, parts, "mask")]), [[4, 7, 0], [4, 0, 0]]);
});

Deno.test("a part outside its map is refused, with its place", () => {
  const parts = { places: float32([1, 2], [4, 1]), ids: Int32Array.of(4) };
  assert.throws(
    () => partsOnMap(drawnMap("0000/1000/0000/0002"), parts, "mask"),
    (error) => error instanceof MetricError && /\(4, 1\), outside its map of 4 × 4/.test(error.message),
  );
});

Deno.test("consistency is the mean share over the parts that were hit", () => {
  const consistency = new PartConsistency(4);
  consistency.add([0, 1], [[2, 0, 0], [0, 0, 0]]);
  consistency.add([0, 2], [[2, 3, 0], [5, 0, 0]]);
  assert.deepStrictEqual(consistency.perPrototype(), new Map([[0, 0.75], [1, 0], [2, 1]]));
  assertNear([consistency.mean()], [1.75 / 3]);
  assert.throws(() => consistency.add([4], [[1]]), /an integer from 0 to 3, but is 4/);
  assert.throws(() => consistency.add([1], []), /lists of part hits must be 1, but is 0/);
});

Deno.test("an object mask keeps the upper half of the levels, in either layout", () => {
  const gray = [0, 51, 102, 153, 204, 255];
  const pixels = Uint8Array.from(gray.flatMap((level) => [level, level, level]));
  const planes = Uint8Array.from([...gray, ...gray, ...gray]);
  const expected = Uint8Array.of(0, 0, 0, 1, 1, 1);
  assert.deepStrictEqual(objectMask(hostTensor("uint8", [2, 3, 3], pixels), "HWC").data, expected);
  assert.deepStrictEqual(objectMask(hostTensor("uint8", [3, 2, 3], planes), "CHW").data, expected);
});

Deno.test("overlaps lie in 0 … 1, and the object's share grows with the mask", () => {
  const bits = fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 12, maxLength: 12 });
  fc.assert(fc.property(bits, bits, bits, (a, b, object) => {
    const union = Uint8Array.from(a, (bit, i) => bit | b[i]);
    const [small, large] = [Uint8Array.from(a), union].map((one) =>
      objectOverlaps(one, Uint8Array.from(object))
    );
    for (const value of Object.values(large)) assert.ok(value >= 0 && value <= 1);
    assert.ok(large.objectOverlap >= small.objectOverlap);
  }));
});
