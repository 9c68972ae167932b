/** Ticks: round numbers that span the values. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { niceTicks, tickText } from "../../../lib/report/charts/ticks.ts";

Deno.test("ticks are at round numbers around the values", () => {
  assert.deepEqual(niceTicks(0, 1, 5).map((tick) => tickText(tick, niceTicks(0, 1, 5))), [
    "0.0",
    "0.2",
    "0.4",
    "0.6",
    "0.8",
    "1.0",
  ]);
  assert.deepEqual(niceTicks(1, 35, 6, true), [0, 10, 20, 30, 40]);
  assert.deepEqual(niceTicks(1, 2, 6, true), [1, 2]);
  assert.deepEqual(niceTicks(-0.5, 0.5, 2), [-0.5, 0, 0.5]);
  assert.equal(tickText(-0, [-1, 0]), "0");
});

Deno.test("ticks rise evenly, span the values and are neither few nor many, also where all values are equal", () => {
  const value = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((x) => Math.fround(x));
  fc.assert(fc.property(value, value, fc.integer({ min: 2, max: 8 }), (a, b, about) => {
    const [least, most] = [Math.min(a, b), Math.max(a, b)];
    fc.pre(most === least || most - least > 1e-6 * Math.abs(most));
    const ticks = niceTicks(least, most, about);
    const step = ticks[1] - ticks[0];
    assert.ok(ticks.length >= 2 && ticks.length <= about + 2, `${ticks}`);
    assert.ok(ticks[0] <= least + 1e-6 * step && ticks.at(-1)! >= most - 1e-6 * step, `${ticks}`);
    assert.ok(ticks.every((tick, i) => i === 0 || Math.abs(tick - ticks[i - 1] - step) < 1e-6 * step));
  }));
});
