/** The kind `best-trial`: the end of a search, its best trial and a table of all. */
import { z } from "zod";
import { defineTask } from "../lib/flow/kind.ts";
import { readTrials } from "../lib/tuning/read_trials.ts";
import { nested } from "../lib/tuning/space.ts";
import { bestOf, direction } from "../lib/tuning/trial.ts";
import { trialTable } from "../lib/tuning/trial_table.ts";

export default defineTask({
  name: "best-trial",
  about: "the best trial of a search, and a table of all trials",
  params: z.strictObject({ direction: direction.default("maximize") }),
  inputs: { trials: { about: "the results of all trials", many: true } },
  outputs: ["best", "table"],
  run({ params, inputs, output, log }) {
    const trials = readTrials(inputs("trials"));
    const best = bestOf(trials, params.direction);
    if (!best) {
      throw new Error(`none of the ${trials.length} trials is complete: look at their logs (deno task log)`);
    }
    log(`trial ${best.trial} of ${trials.length} is the best: ${best.value}`);
    const { trial, value, assignment } = best;
    const result = { trial, value, params: nested(assignment) };
    Deno.writeTextFileSync(output("best"), `${JSON.stringify(result, null, 2)}\n`);
    Deno.writeTextFileSync(output("table"), trialTable(trials, params.direction));
  },
});
