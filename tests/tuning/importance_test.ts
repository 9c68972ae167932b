/** The importance of parameters: as known of functions, and what does not count. */

import assert from "node:assert/strict";
import { KNOWN_IMPORTANCES, randomTrials } from "../../bench/importance_case.ts";
import { importances } from "../../lib/tuning/importance.ts";
import { space } from "../../lib/tuning/space.ts";
import type { FinishedTrial } from "../../lib/tuning/trial.ts";

for (const [name, known] of Object.entries(KNOWN_IMPORTANCES)) {
  Deno.test(`the parameters of the function ${name} explain the known shares of its variance`, () => {
    const found = importances(known.space, randomTrials(known, 200, 7))!;
    assert.deepEqual(Object.keys(found), Object.keys(known.space));
    for (const [parameter, share] of Object.entries(known.shares)) {
      // A forest smooths: from as many trials of ishigami, Optuna's says 0.31 of 0.44.
      assert.ok(Math.abs(found[parameter] - share) < 0.15, `${parameter}: ${found[parameter]}, not ${share}`);
    }
    const order = Object.keys(found).sort((a, b) => found[b] - found[a]);
    assert.deepEqual(order, Object.keys(known.shares));
  });
}

Deno.test("trials that are not complete or of another space do not count, and the order of the trials does not matter", () => {
  const known = KNOWN_IMPORTANCES.sum;
  const trials = randomTrials(known, 40, 3);
  const other: FinishedTrial[] = [
    { ...trials[0], trial: 40, state: "pruned", value: null, reports: [[1, 1e9]] },
    { ...trials[0], trial: 41, assignment: { ...trials[0].assignment, a: 2 }, value: 1e9 },
    { ...trials[0], trial: 42, assignment: { a: 0.5 }, value: 1e9 },
  ];
  assert.deepEqual(importances(known.space, [...trials, ...other]), importances(known.space, trials));
});

Deno.test("a parameter of one value has no importance, and equal objectives tell nothing", () => {
  const fixed = space.parse({ x: { type: "float", low: 0, high: 1 }, y: { type: "int", low: 3, high: 3 } });
  const trials = [0, 1, 2, 3].map((trial): FinishedTrial => ({
    trial,
    state: "complete",
    assignment: { x: trial / 4, y: 3 },
    value: trial,
    reports: [],
  }));
  const found = importances(fixed, trials)!;
  assert.equal(found.y, 0);
  assert.ok(found.x > 0.999);
  assert.equal(importances(fixed, trials.map((trial) => ({ ...trial, value: 1 }))), undefined);
  assert.equal(importances(fixed, []), undefined);
});
