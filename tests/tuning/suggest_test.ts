/** Suggestions stay within the space, follow from their argument alone, and learn. */

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  allows,
  distribution,
  flattened,
  nested,
  type ParameterDistribution,
  type SearchSpace,
  space,
} from "../../lib/tuning/space.ts";
import { objectiveOf } from "../../lib/tuning/objective.ts";
import { suggest } from "../../lib/tuning/suggest.ts";
import { bestOf, type FinishedTrial, split } from "../../lib/tuning/trial.ts";
import { trialTable } from "../../lib/tuning/trial_table.ts";

const anyDistribution: fc.Arbitrary<ParameterDistribution> = fc.oneof(
  fc.record({
    low: fc.double({ min: -1e3, max: 1e3, noNaN: true }),
    width: fc.double({ min: 0, max: 1e3, noNaN: true }),
  })
    .map(({ low, width }) => distribution.parse({ type: "float", low, high: low + width })),
  fc.record({
    low: fc.double({ min: 1e-6, max: 1, noNaN: true }),
    factor: fc.double({ min: 1, max: 1e5, noNaN: true }),
  })
    .map(({ low, factor }) => distribution.parse({ type: "float", low, high: low * factor, log: true })),
  fc.record({
    low: fc.integer({ min: -50, max: 50 }),
    step: fc.integer({ min: 1, max: 7 }),
    count: fc.integer({ min: 0, max: 40 }),
  })
    .map(({ low, step, count }) => distribution.parse({ type: "int", low, high: low + step * count, step })),
  fc.record({ low: fc.integer({ min: 1, max: 8 }), width: fc.integer({ min: 0, max: 500 }) })
    .map(({ low, width }) => distribution.parse({ type: "int", low, high: low + width, log: true })),
  fc.record({ low: fc.integer({ min: -9, max: 9 }), count: fc.integer({ min: 0, max: 30 }) })
    .map(({ low, count }) =>
      distribution.parse({ type: "float", low: low / 10, high: (low + count) / 10, step: 0.1 })
    ),
  fc.uniqueArray(fc.oneof(fc.string(), fc.integer(), fc.boolean()), { minLength: 1, maxLength: 6 })
    .map((choices) => distribution.parse({ type: "categorical", choices })),
);

Deno.test("every suggestion is of its space and the same again, whatever came before", () => {
  fc.assert(
    fc.property(anyDistribution, fc.nat(1000), fc.integer({ min: 0, max: 60 }), (x, seed, count) => {
      const trials: FinishedTrial[] = [];
      const next = (trial: number) =>
        suggest({
          space: { x },
          sampler: { name: "tpe", startupTrials: 5 },
          direction: "maximize",
          seed,
          trial,
          earlier: trials,
        });
      for (let trial = 0; trial <= count; trial++) {
        const assignment = next(trial);
        assert.ok(allows(x, assignment.x), `${assignment.x} in ${JSON.stringify(x)}`);
        assert.deepEqual(next(trial), assignment);
        const value = typeof assignment.x === "number"
          ? -Math.abs(assignment.x)
          : String(assignment.x).length;
        const state = trial % 7 === 6 ? "failed" : trial % 5 === 4 ? "pruned" : "complete";
        trials.push({
          trial,
          state,
          assignment,
          value: state === "complete" ? value : null,
          reports: state === "pruned" ? [[trial % 3, value]] : [],
        });
      }
    }),
    { numRuns: 60 },
  );
});

Deno.test("a failed trial changes nothing, and the order in which trials are given neither", () => {
  const one: SearchSpace = { x: distribution.parse({ type: "float", low: 0, high: 1 }) };
  const trials = Array.from(
    { length: 30 },
    (_, trial): FinishedTrial => ({
      trial,
      state: "complete",
      assignment: { x: ((trial * 7) % 30) / 30 },
      value: (trial * 11) % 30,
      reports: [],
    }),
  );
  const next = (earlier: readonly FinishedTrial[]) =>
    suggest({
      space: one,
      sampler: { name: "tpe", startupTrials: 10 },
      direction: "maximize",
      seed: 3,
      trial: 30,
      earlier,
    });
  const failed: FinishedTrial = {
    trial: 12.5 as number,
    state: "failed",
    assignment: { x: 0.99 },
    value: null,
    reports: [],
  };
  assert.deepEqual(next([...trials, failed]), next(trials));
  assert.deepEqual(next(trials.toReversed()), next(trials));
});

Deno.test("better trials: complete before pruned, later last steps before earlier ones, ties to the earlier trial", () => {
  const trial = (
    trial: number,
    state: FinishedTrial["state"],
    value: number | null,
    reports: FinishedTrial["reports"] = [],
  ): FinishedTrial => ({ trial, state, assignment: {}, value, reports });
  const trials = [
    trial(0, "pruned", null, [[3, 9]]),
    trial(1, "complete", 1),
    trial(2, "pruned", null, [[5, 2], [4, 8]]),
    trial(3, "complete", 1),
    trial(4, "pruned", null),
    trial(5, "pruned", null, [[5, 4]]),
    trial(6, "complete", 7),
  ];
  const ranked = trials.map((_, count) =>
    split(trials, count + 1, "maximize").better.map(({ trial }) => trial)
  );
  const order = ranked.map((better, i) => better.find((one) => !ranked[i - 1]?.includes(one)));
  assert.deepEqual(order, [6, 1, 3, 5, 2, 0, 4]);
  assert.equal(bestOf(trials, "minimize")?.trial, 1);
  assert.equal(bestOf([trials[0]], "minimize"), undefined);
});

Deno.test("a grid gives every combination once, and says how many there are", () => {
  const given = space.parse({
    a: { type: "int", low: 1, high: 3 },
    b: { type: "categorical", choices: ["x", "y"] },
  });
  const next = (trial: number) =>
    suggest({ space: given, sampler: { name: "grid" }, direction: "maximize", seed: 0, trial, earlier: [] });
  const all = Array.from({ length: 6 }, (_, trial) => JSON.stringify(next(trial)));
  assert.equal(new Set(all).size, 6);
  assert.equal(all[1], '{"a":1,"b":"y"}');
  assert.throws(() => next(6), /the grid has 6 combinations, so there is none for trial 6/);
  const endless = space.parse({ rate: { type: "float", low: 0, high: 1 } });
  assert.throws(
    () =>
      suggest({
        space: endless,
        sampler: { name: "grid" },
        direction: "maximize",
        seed: 0,
        trial: 0,
        earlier: [],
      }),
    /rate is any number/,
  );
});

Deno.test("a space that can't be searched is refused by field", () => {
  const refused: [object, RegExp][] = [
    [{}, /at least one parameter/],
    [{ x: { type: "float", low: 2, high: 1 } }, /low is 2, above high, which is 1/],
    [{ x: { type: "float", low: 0, high: 1, log: true } }, /low must be above 0/],
    [{ x: { type: "int", low: 1, high: 8, log: true, step: 2 } }, /logarithmic range has no step/],
    [{ x: { type: "int", low: 1, high: 8, step: 3 } }, /not a whole number of steps/],
    [{ x: { type: "categorical", choices: [1, 1] } }, /each choice once/],
    [
      { x: { type: "int", low: 1, high: 2 }, "x.y": { type: "int", low: 1, high: 2 } },
      /no other name can begin with/,
    ],
  ];
  for (const [given, message] of refused) assert.throws(() => space.parse(given), message);
});

Deno.test("dotted names become objects, and come back", () => {
  const values = { "joint.rate": 0.1, "joint.coefs.sep": 2, arch: "a" };
  assert.deepEqual(nested(values), { joint: { rate: 0.1, coefs: { sep: 2 } }, arch: "a" });
  assert.deepEqual(flattened(nested(values)), values);
});

Deno.test("an objective is found by its path; null is a failure, and anything else an error that names the figures", () => {
  assert.equal(objectiveOf({ results: { accuracy: 0.5 } }, "results.accuracy"), 0.5);
  assert.equal(objectiveOf({ loss: null }, "loss"), null);
  assert.throws(
    () => objectiveOf({ loss: 1 }, "accuracy"),
    /there is no accuracy in the figures; known: loss/,
  );
  assert.throws(() => objectiveOf({ a: { loss: 1 } }, "a.b"), /there is no b in a; known: loss/);
  assert.throws(() => objectiveOf({ loss: "1" }, "loss"), /is "1"; expected a number/);
});

Deno.test("the table of a search has every parameter, failures and the best so far", () => {
  const trials: FinishedTrial[] = [
    { trial: 0, state: "complete", assignment: { a: 1 }, value: 3, reports: [] },
    { trial: 1, state: "failed", assignment: { a: 2, b: "x" }, value: null, reports: [] },
    { trial: 2, state: "complete", assignment: { a: 3, b: "y" }, value: 1 / 3, reports: [] },
  ];
  assert.equal(
    trialTable(trials, "minimize"),
    "| trial | a | b | objective | best so far |\n| ---: | ---: | ---: | ---: | ---: |\n" +
      "| 0 | 1 |  | 3 | 3 |\n| 1 | 2 | x | failed | 3 |\n| 2 | 3 | y | 0.333333 | 0.333333 |\n",
  );
});
