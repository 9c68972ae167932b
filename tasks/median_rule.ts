/** The kind `median-rule`: whether a trial of a search ends early, since most others were better at the same step. */
import { z } from "zod";
import { defineTask } from "../lib/flow/kind.ts";
import { medianPruner } from "../lib/tuning/median_pruner.ts";
import { readTrials } from "../lib/tuning/read_trials.ts";
import { direction } from "../lib/tuning/trial.ts";
import { prunedLog, readTrialLog, reportPaths } from "../lib/tuning/trial_log.ts";

export default defineTask({
  name: "median-rule",
  about: "end a trial whose best value so far is worse than the median of the others at the same step",
  params: z.strictObject({
    ...medianPruner.shape,
    direction: direction.default("maximize"),
    /** What leads to the step and to the value in each line of the log, with dots. */
    reports: reportPaths,
  }),
  inputs: {
    log: { about: "the log of the trial so far, a line of JSON a step" },
    rivals: { about: "the results of the other trials", many: true, optional: true },
  },
  /** `verdict`: `{ stop, step? }`; `log`: up to that step, with a last line that says that the trial was pruned. */
  outputs: ["verdict", "log"],
  run({ params, input, inputs, output, log }) {
    const text = Deno.readTextFileSync(input("log"));
    const rivals = readTrials(inputs("rivals"));
    const read = readTrialLog(text, params.reports);
    const pruned = prunedLog(read, params.reports, params, rivals, params.direction);
    log(
      pruned
        ? `ends after step ${pruned.step}: worse than the median of ${rivals.length} others`
        : `goes on after ${read.reports.length} reports, with ${rivals.length} others`,
    );
    const verdict = pruned ? { stop: true, step: pruned.step } : { stop: false };
    Deno.writeTextFileSync(output("verdict"), `${JSON.stringify(verdict)}\n`);
    Deno.writeTextFileSync(output("log"), pruned?.text ?? text);
  },
});
