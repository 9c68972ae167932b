/** The kind `trial`: the result of one trial of a search, from the figures of what was tried. */
import { z } from "zod";
import { defineTask } from "../lib/flow/kind.ts";
import { readJson } from "../lib/json/read_json.ts";
import { objectiveOf } from "../lib/tuning/objective.ts";
import { assignment, flattened } from "../lib/tuning/space.ts";
import type { FinishedTrial } from "../lib/tuning/trial.ts";

export default defineTask({
  name: "trial",
  about: "note what a trial of a search tried, and the value of its objective",
  params: z.strictObject({
    /** The place of the trial in the search, from 0. */
    trial: z.int().nonnegative(),
    /** What leads to the objective in the figures, with dots. */
    objective: z.string().min(1),
  }),
  inputs: {
    suggestion: { about: "what the trial tries, the output of `suggest`" },
    figures: { about: "a file of JSON with the figures of the trial" },
  },
  outputs: ["trial"],
  run({ params: { trial, objective }, input, output, log }) {
    const value = objectiveOf(readJson(input("figures"), z.json(), "the figures of a trial"), objective);
    const result: FinishedTrial = {
      trial,
      state: value === null ? "failed" : "complete",
      assignment: assignment.parse(
        flattened(readJson(input("suggestion"), z.looseObject({}), "a suggestion")),
      ),
      value,
      reports: [],
    };
    log(
      value === null
        ? `trial ${trial} failed: ${objective} is no number`
        : `trial ${trial}: ${objective} is ${value}`,
    );
    Deno.writeTextFileSync(output("trial"), `${JSON.stringify(result)}\n`);
  },
});
