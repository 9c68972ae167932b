/** The kind `suggest`: what a trial of a search tries, learned from earlier trials. */
import { z } from "zod";
import { defineTask } from "../lib/flow/kind.ts";
import { assignment, nested, space } from "../lib/tuning/space.ts";
import { sampler, suggest } from "../lib/tuning/suggest.ts";
import { direction } from "../lib/tuning/trial.ts";
import { readTrials } from "../lib/tuning/read_trials.ts";

export default defineTask({
  name: "suggest",
  about: "choose a value for each parameter of a search",
  params: z.strictObject({
    /** The distribution of each parameter, by its name. */
    space,
    /** What the first trials try, by the names of the space: values that are known to be good. */
    first: z.array(assignment).optional(),
    sampler: sampler.default({ name: "tpe", startupTrials: 10 }),
    direction: direction.default("maximize"),
    seed: z.int().nonnegative(),
    /** The place of the trial in the search, from 0. */
    trial: z.int().nonnegative(),
  }),
  inputs: {
    trials: {
      about: "earlier trials, before(…) along the axis of trials",
      many: true,
      optional: true,
    },
  },
  outputs: ["suggestion"],
  run({ params, inputs, output, log }) {
    const earlier = readTrials(inputs("trials"));
    const values = suggest({ ...params, earlier });
    log(`trial ${params.trial} after ${earlier.length} others: ${JSON.stringify(values)}`);
    Deno.writeTextFileSync(output("suggestion"), `${JSON.stringify(nested(values), null, 2)}\n`);
  },
});
