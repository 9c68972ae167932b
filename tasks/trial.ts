/** The kind `trial`: the result of one trial of a search, from the figures or the log of what was tried. */
import { join } from "node:path";
import { z } from "zod";
import { defineTask } from "../lib/flow/kind.ts";
import { readJson } from "../lib/json/read_json.ts";
import { assignment, flattened } from "../lib/tuning/space.ts";
import { trialResult } from "../lib/tuning/trial_result.ts";
import { reportPaths } from "../lib/tuning/trial_log.ts";

/** What stands for the end of a task is a file also where the figures would have been a folder. */
function figuresIn(path: string, file: string | undefined): string {
  return file !== undefined && Deno.statSync(path).isDirectory ? join(path, file) : path;
}

export default defineTask({
  name: "trial",
  about: "note what a trial of a search tried, and the value of its objective",
  params: z.strictObject({
    /** The place of the trial in the search, from 0. */
    trial: z.int().nonnegative(),
    /** What leads to the objective in the figures, with dots; without figures, in the last line of the logs that has it. */
    objective: z.string().min(1),
    /** Of figures that are a folder: the file in it. */
    file: z.string().optional(),
    /** What leads to the step and to the value in each line of the log, with dots. */
    reports: reportPaths.default({ step: "epoch", value: "validation.accuracy" }),
  }),
  inputs: {
    suggestion: { about: "what the trial tries, the output of `suggest`" },
    figures: {
      about: "the figures of the trial, a file of JSON or a folder with one",
      optional: true,
      takesEnds: true,
    },
    log: {
      about: "the logs of the trial's phases in their order, a line of JSON a step",
      optional: true,
      many: true,
      takesEnds: true,
    },
  },
  outputs: ["trial"],
  run({ params, input, inputs, output, log }) {
    const result = trialResult({
      trial: params.trial,
      assignment: assignment.parse(
        flattened(readJson(input("suggestion"), z.looseObject({}), "a suggestion")),
      ),
      figures: inputs("figures").map((path) =>
        readJson(figuresIn(path, params.file), z.json(), "the figures of a trial")
      )[0],
      logs: inputs("log").map((path) =>
        Deno.readTextFileSync(path)
      ),
    }, params);
    log(
      `trial ${result.trial} ${result.state}` +
        (result.value === null ? "" : `: ${params.objective} is ${result.value}`),
    );
    Deno.writeTextFileSync(output("trial"), `${JSON.stringify(result)}\n`);
  },
});
