/** What is kept of maps suffices for all that is made of them. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { denseMaps, essentialMap, sparseMaps } from "../../lib/explain/sparse_maps.ts";
import { clipMap, percentileMask } from "../../lib/metrics/masks/percentile_mask.ts";
import { float32, hostTensor } from "../../lib/tensor/host_tensor.ts";

/** Maps with ties, zeros and, now and then, negative values or NaN. */
const maps = fc.oneof(
  fc.array(fc.constantFrom(0, 0, 0, 0.5, 1, 2), { minLength: 1, maxLength: 60 }),
  fc.array(fc.float({ min: 0, max: 10, noNaN: true }), { minLength: 1, maxLength: 60 }),
  fc.array(fc.oneof(fc.float({ min: -3, max: 3 }), fc.constant(NaN)), { minLength: 1, maxLength: 60 }),
);

Deno.test("masks and clipped maps are those of the whole map", () => {
  fc.assert(
    fc.property(maps, fc.double({ min: 0, max: 100, noNaN: true }), (values, percentile) => {
      const map = Float32Array.from(values);
      const kept = essentialMap(map, percentile);
      for (const sparse of ["all", "positive"] as const) {
        const [whole, part] = [map, kept].map((from) => {
          const { mask } = percentileMask(from, percentile, sparse);
          return { mask, clipped: clipMap(from, mask) };
        });
        assert.deepEqual(part.mask, whole.mask);
        part.clipped.forEach((value, i) => assert.ok(Object.is(value + 0, whole.clipped[i] + 0)));
      }
    }),
    { numRuns: 1000 },
  );
});

Deno.test("of a map of relevance the most relevant twentieth is kept", () => {
  const map = Float32Array.from({ length: 50176 }, (_, i) => (i * 7919) % 50176 + 1);
  assert.equal(essentialMap(map, 95).filter((value) => value > 0).length, 2509);
});

Deno.test("maps come back from their gaps and values", () => {
  const size = fc.record({
    count: fc.nat(3),
    height: fc.integer({ min: 1, max: 5 }),
    width: fc.integer({ min: 1, max: 5 }),
  });
  fc.assert(
    fc.property(
      size,
      fc.infiniteStream(fc.constantFrom(0, 0, 0, 1, 2.5, NaN)),
      ({ count, height, width }, stream) => {
        const values = Float32Array.from({ length: count * height * width }, () => stream.next().value);
        const dense = float32([count, height, width], values);
        assert.deepEqual(denseMaps(sparseMaps(dense), height, width), dense);
      },
    ),
  );
});

Deno.test("gaps that leave the map, and counts that don't add up, are refused", () => {
  const sparse = (counts: number[], gaps: number[]) => ({
    counts: hostTensor("int32", [counts.length], Int32Array.from(counts)),
    gaps: hostTensor("int32", [gaps.length], Int32Array.from(gaps)),
    values: float32([gaps.length], gaps),
  });
  assert.throws(() => denseMaps(sparse([2], [3, 2]), 2, 2), /outside its map of 2 × 2/);
  assert.throws(() => denseMaps(sparse([2], [1, 0]), 2, 2), /outside its map/);
  assert.throws(
    () => denseMaps(sparse([3], [1, 1]), 2, 2),
    /the counts add up to 3 elements, but there are 2 gaps/,
  );
});
