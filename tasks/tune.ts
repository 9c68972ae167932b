/** The kind `tune`: measures which forms of operations make a training phase fastest on this machine. */
import { z } from "zod";
import { defineTask } from "../lib/flow/kind.ts";
import { modelOf, readDescription } from "../lib/models/model_folder.ts";
import { definitionOf } from "../lib/models/models.ts";
import { seenShape } from "../lib/models/training/phase/view_batches.ts";
import { tunePhase } from "../lib/models/training/phase/tune_phase.ts";
import { sessionOptions } from "../lib/runtime/session_options.ts";
import { nativeLibraries } from "./permissions.ts";
import { precision } from "./precision.ts";

/**
 * A phase that takes this output as input has it in its key, because different forms round differently. A
 * phase without it uses fixed forms, so its results do not depend on a measurement.
 */
export default defineTask({
  name: "tune",
  about: "measure which forms of operations are fastest on this machine",
  params: z.strictObject({
    phase: z.enum(["warmup", "joint", "fine_tune"]).default("joint"),
    /** Images per micro-batch; use the value of the phase. Default: the model's batch size in the study. */
    batchSize: z.int().positive().optional(),
    ...precision,
  }),
  inputs: { model: { about: "a model with the architecture of the one to train" } },
  /** `forms`: a JSON object with string values. */
  outputs: ["forms"],
  resources: { cpu: 4 },
  permissions: nativeLibraries,
  async run(context) {
    const { params, input, output, log } = context;
    const description = readDescription(input("model"));
    const { sees, study } = definitionOf(description.model);
    const views = sees === "pair" ? 2 : description.viewsPerImage;
    const shape = seenShape(sees, params.batchSize ?? study.batchSize, { ...description, views });
    const forms = await tunePhase(modelOf(description), params.phase, shape, sessionOptions(context));
    for (const [key, form] of Object.entries(forms)) log(`${key}: ${form}`);
    Deno.writeTextFileSync(output("forms"), `${JSON.stringify(forms, null, 1)}\n`);
  },
});
