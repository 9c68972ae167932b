/** The kind `tune`: measures how a phase of a training is computed fastest on this machine. */
import { z } from "zod";
import { defineTask } from "../lib/flow/kind.ts";
import { modelOf, readDescription } from "../lib/models/model_folder.ts";
import { tunePhase } from "../lib/models/training/phase/tune_phase.ts";
import { sessionOptions } from "../lib/runtime/session_options.ts";
import { nativeLibraries } from "./permissions.ts";

/**
 * Its output is an input of the phase, and so part of what identifies the phase's results, which depend on it by
 * rounding. Without it a phase is computed in a fixed way, and its results depend on no measurement.
 */
export default defineTask({
  name: "tune",
  about: "measure which forms of operations are fastest on this machine",
  params: z.strictObject({
    phase: z.enum(["warmup", "joint", "fine_tune"]).default("joint"),
    /** Images of a micro-batch, as in the phase. */
    batchSize: z.int().positive().default(16),
  }),
  inputs: { model: { about: "a model of the form that is to be trained" } },
  /** `forms`: a JSON object of texts. */
  outputs: ["forms"],
  resources: { cpu: 4 },
  permissions: nativeLibraries,
  async run(context) {
    const { params: { phase, batchSize }, input, output, log } = context;
    const description = readDescription(input("model"));
    const { viewsPerImage, height, width } = description;
    const shape = [batchSize, viewsPerImage, 3, height, width];
    const forms = await tunePhase(modelOf(description), phase, shape, sessionOptions(context));
    for (const [key, form] of Object.entries(forms)) log(`${key}: ${form}`);
    Deno.writeTextFileSync(output("forms"), `${JSON.stringify(forms, null, 1)}\n`);
  },
});
