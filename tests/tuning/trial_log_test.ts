/** Logs of trials: what they say of a trial, and where the median rule cuts them. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { medianPruner } from "../../lib/tuning/median_pruner.ts";
import type { FinishedTrial } from "../../lib/tuning/trial.ts";
import { prunedLog, readTrialLog } from "../../lib/tuning/trial_log.ts";
import { trialResult } from "../../lib/tuning/trial_result.ts";

const PATHS = { step: "epoch", value: "validation.accuracy" };

const line = (epoch: number, accuracy?: number | null) =>
  JSON.stringify({ epoch, loss: 1, ...(accuracy !== undefined && { validation: { accuracy } }) });

const textOf = (lines: readonly string[]) => lines.map((one) => `${one}\n`).join("");

const value = fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined });

const rivals = fc.array(
  fc.record({ values: fc.array(value, { minLength: 1, maxLength: 12 }), isComplete: fc.boolean() }),
  { maxLength: 6 },
).map((given) =>
  given.map(({ values, isComplete }, trial): FinishedTrial => ({
    trial,
    state: isComplete ? "complete" : "pruned",
    assignment: {},
    value: isComplete ? 1 : null,
    reports: values.flatMap((one, step) => one === undefined ? [] : [[step, one] as [number, number]]),
  }))
);

const rule = fc.record({
  startupTrials: fc.integer({ min: 0, max: 3 }),
  warmupSteps: fc.integer({ min: 0, max: 5 }),
  intervalSteps: fc.integer({ min: 1, max: 4 }),
}).map((given) => medianPruner.parse(given));

Deno.test("however a log is cut in segments, the rule ends the trial at the same step with the same log", () => {
  let ended = 0;
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 12 }),
      rivals,
      rule,
      fc.constantFrom("maximize" as const, "minimize" as const),
      (values, others, pruner, direction) => {
        const lines = values.map((one, epoch) => line(epoch, one));
        const verdictAfter = (count: number) =>
          prunedLog(readTrialLog(textOf(lines.slice(0, count)), PATHS), PATHS, pruner, others, direction);
        const results = Array.from({ length: lines.length }, (_, i) => i + 1).map((segment) => {
          for (let count = segment;; count += segment) {
            const verdict = verdictAfter(Math.min(count, lines.length));
            if (verdict !== undefined || count >= lines.length) return verdict;
          }
        });
        for (const result of results) assert.deepEqual(result, results[0]);
        if (results[0] === undefined) return;
        ended++;
        const { step, text } = results[0];
        const kept = readTrialLog(text, PATHS);
        assert.equal(kept.ended, "pruned");
        assert.deepEqual(kept.lines, lines.slice(0, step + 1));
        assert.equal(kept.reports.at(-1)?.[0], step);
      },
    ),
    { numRuns: 400 },
  );
  assert.ok(ended > 20, `the rule ended ${ended} of 400`);
});

const PARAMS = { objective: "validation.accuracy", reports: PATHS };
const trial = { trial: 3, assignment: { a: 1 } };
const log = textOf([line(0), line(1, 0.25), line(2, 0.5)]);

Deno.test("a trial is complete, pruned or failed by its logs, and keeps what it reported", () => {
  const reports = [[1, 0.25], [2, 0.5]];
  assert.deepEqual(trialResult({ ...trial, logs: [log] }, PARAMS), {
    ...trial,
    state: "complete",
    value: 0.5,
    reports,
  });
  // Not every step is validated.
  assert.equal(trialResult({ ...trial, logs: [log + textOf([line(3)])] }, PARAMS).value, 0.5);
  const pruned = { ...trial, state: "pruned", value: null };
  const end = '{"ended":"pruned"}\n';
  assert.deepEqual(trialResult({ ...trial, logs: [log + end] }, PARAMS), { ...pruned, reports });
  assert.deepEqual(trialResult({ ...trial, logs: [log + end, end] }, PARAMS), { ...pruned, reports });
  assert.deepEqual(trialResult({ ...trial, figures: { ended: "pruned" }, logs: [] }, PARAMS), {
    ...pruned,
    reports: [],
  });
  const failed = { ...trial, state: "failed", value: null };
  assert.deepEqual(trialResult({ ...trial, logs: [log, '{"ended":"failed"}\n'] }, PARAMS), {
    ...failed,
    reports,
  });
  assert.deepEqual(
    trialResult({ ...trial, figures: { loss: null }, logs: [] }, { ...PARAMS, objective: "loss" }),
    {
      ...failed,
      reports: [],
    },
  );
});

Deno.test("logs that say nothing, or no numbers, are refused by line", () => {
  assert.throws(
    () => trialResult({ ...trial, logs: [] }, PARAMS),
    /needs the input figures, or the input log/,
  );
  assert.throws(
    () => trialResult({ ...trial, logs: [textOf([line(0), line(1)])] }, PARAMS),
    /there is no validation in the figures; known: epoch, loss/,
  );
  assert.throws(() => readTrialLog(`${line(0)}\nx\n`, PATHS), /line 2 of the log is not JSON/);
  assert.throws(() => readTrialLog(line(0.5, 1), PATHS), /line 1 of the log: epoch is 0.5; expected a whole/);
  assert.throws(
    () => readTrialLog('{"epoch":1,"validation":{"accuracy":"x"}}', PATHS),
    /line 1 of the log: validation.accuracy is "x"; expected a number/,
  );
});
