/** Part removal: relevance of parts, and drops against those of other parts. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { MetricError } from "../../../lib/metrics/metric_error.ts";
import {
  compareRemovals,
  relevanceOfParts,
  type Removal,
} from "../../../lib/metrics/removal/part_removal.ts";

Deno.test("relevance is summed where a part is seen, without what is negative or on no part", () => {
  const map = Float32Array.of(1, 2, -4, 8, 16, 32);
  const levels = [1, 3, 3, 0, 3, 4];
  assert.deepEqual([...relevanceOfParts(map, levels, 3)], [1, 0, 18]);
  assert.throws(() => relevanceOfParts(map, [1], 3), MetricError);
});

Deno.test("shares are those of hand-made cases", () => {
  const removals: Removal[] = [
    // The largest drop, and the only one above the mean of the others.
    { pointedAt: 0, biggest: 1, drops: [3, 1, 0] },
    // Above the mean of the others, 2 > (4 − 1) / 2, as part 0 is, but not the largest.
    { pointedAt: 1, biggest: 0, drops: [4, 2, -1] },
    // Nothing changes: neither.
    { pointedAt: 0, biggest: 0, drops: [0, 0] },
    // No other part: not a case.
    { pointedAt: 0, biggest: 0, drops: [5] },
  ];
  const { cases, aboveMean, largest } = compareRemovals(removals);
  assert.equal(cases, 3);
  assert.equal(aboveMean.share, 2 / 3);
  assert.ok(Math.abs(aboveMean.chance - (1 / 3 + 2 / 3 + 0) / 3) < 1e-12);
  assert.equal(aboveMean.biggest, 1 / 3);
  assert.equal(largest.share, 1 / 3);
  assert.equal(largest.biggest, 1 / 3);
  assert.ok(Math.abs(largest.chance - (1 / 3 + 1 / 3 + 0) / 3) < 1e-12);
});

Deno.test("no cases have no share", () => {
  const { cases, aboveMean, largest } = compareRemovals([{ pointedAt: 0, biggest: 0, drops: [1] }]);
  assert.equal(cases, 0);
  assert.ok([aboveMean.share, aboveMean.chance, largest.share, largest.chance].every(Number.isNaN));
});

const drops = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 2, maxLength: 6 });

Deno.test("pointing at every part in turn has the share of chance, and at the largest drop never less", () => {
  fc.assert(fc.property(fc.array(drops, { minLength: 1, maxLength: 8 }), (images) => {
    const count = images[0].length;
    const sameCount = images.filter((image) => image.length === count);
    const all = compareRemovals(
      sameCount.flatMap((drops) => drops.map((_, pointedAt) => ({ pointedAt, biggest: 0, drops }))),
    );
    const best = compareRemovals(
      sameCount.map((drops) => ({ pointedAt: drops.indexOf(Math.max(...drops)), biggest: 0, drops })),
    );
    for (const measure of ["aboveMean", "largest"] as const) {
      assert.ok(Math.abs(all[measure].share - all[measure].chance) < 1e-12);
      assert.ok(best[measure].share >= best[measure].chance);
      assert.ok(all.largest.chance <= 1 / count + 1e-12);
      assert.ok(best.largest.share <= best.aboveMean.share);
    }
  }));
});
