/** Comparing within a tolerance: numbers only, and never more than is stated. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { compareWithin } from "../../../lib/flow/commands/compare_figures.ts";

Deno.test("numbers may differ as far as is stated, everything else must agree", () => {
  const kept = '{"loss": 0.100, "name": "a1", "values": [1e-3, -2]}';
  assert.equal(compareWithin(kept, kept.replace("0.100", "0.101"), { absolute: 0.002 }), undefined);
  assert.match(
    compareWithin(kept, kept.replace("0.100", "0.103"), { absolute: 0.002 })!,
    /0.103 where 0.1 is kept/,
  );
  assert.equal(compareWithin(kept, kept.replace("-2", "-2.01"), { relative: 0.01 }), undefined);
  assert.match(compareWithin(kept, kept.replace("loss", "lost"), { absolute: 9 })!, /more than numbers/);
  assert.match(compareWithin(kept, kept.replace("-2]", "-2, 3]"), { absolute: 9 })!, /more than numbers/);
});

Deno.test("a difference is accepted just where it is within the tolerance", () => {
  const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  fc.assert(fc.property(number, number, fc.double({ min: 0, max: 10, noNaN: true }), (a, b, absolute) => {
    const problem = compareWithin(`x ${a}`, `x ${b}`, { absolute });
    assert.equal(problem === undefined, Math.abs(a - b) <= absolute);
  }));
});
