/**
 * The kind `warm-up`: initialises a model and trains only its head (PIP-Net: its backbone); with 0 epochs it only
 * initialises.
 */
import { z } from "zod";
import { readViewsIndex } from "../lib/data/views/views_file.ts";
import { defineTask } from "../lib/flow/kind.ts";
import { backboneSource, readBackbone } from "../lib/models/backbone_source.ts";
import { MODEL_FLAWS } from "../lib/models/fidelity.ts";
import { definitionOf, flawsOf, warmUpModel } from "../lib/models/models.ts";
import { describeFewViews, initialTraining } from "../lib/models/training/phase/initial_training.ts";
import { phaseParams } from "../lib/models/training/phase/phase_params.ts";
import { LOOP_FLAWS } from "../lib/models/training/phase/phase_run.ts";
import { schedule } from "../lib/models/training/phase/schedule_param.ts";
import { phaseInputs, runSegment } from "./training/run_segment.ts";
import { nativeLibraries } from "./permissions.ts";
import { precision } from "./precision.ts";

export default defineTask({
  name: "warm-up",
  about: "initialise a model and train its prototypes; the backbone is frozen, but for PIP-Net's",
  params: z.strictObject({
    ...phaseParams,
    ...precision,
    /** The model, its sizes and the numbers of its loss. */
    model: warmUpModel,
    epochs: z.int().nonnegative().default(0),
    learningRate: z.number().positive().optional(),
    /** How the learning rate changes; by default it does not. */
    schedule: schedule.optional(),
    backbone: backboneSource,
    fidelity: MODEL_FLAWS.param([...flawsOf("warmup"), ...LOOP_FLAWS]),
  }),
  inputs: ({ backbone }) => ({
    ...phaseInputs,
    ...(backbone.weights === "file" ? { weights: { about: "a file with the backbone's weights" } } : {}),
  }),
  outputs: ["state", "model", "log"],
  chain: { steps: "epochs", segment: "segment", state: "state" },
  resources: { cpu: 4 },
  permissions: nativeLibraries,
  async run(context) {
    const { model, backbone, seed, learningRate, schedule } = context.params;
    const { sees, study } = definitionOf(model.name);
    const first = () => {
      const sourced = readBackbone(backbone, seed, context.inputs("weights")[0]);
      if (sourced.rule !== undefined) context.log(sourced.rule);
      const views = readViewsIndex(context.input("views"));
      const few = sees === "views" && "prototypesPerClass" in model
        ? describeFewViews(views, model.prototypesPerClass)
        : undefined;
      if (few !== undefined) context.log(`warning: ${few}`);
      return initialTraining(views, { model, backbone: sourced, seed });
    };
    await runSegment(context, "warmup", first, { initial: learningRate ?? study.warmUpRate, schedule });
  },
});
