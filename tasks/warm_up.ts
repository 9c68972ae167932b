/**
 * The kind `warm-up`: initialises a ProtoMask and trains only its prototypes; with 0 epochs it only
 * initialises.
 */
import { z } from "zod";
import { readViewsIndex } from "../lib/data/views/views_file.ts";
import { defineTask } from "../lib/flow/kind.ts";
import { backboneSource, readBackbone } from "../lib/models/backbone_source.ts";
import { MODEL_FLAWS } from "../lib/models/fidelity.ts";
import { describeFewViews, initialTraining } from "../lib/models/training/phase/initial_training.ts";
import { learningRate, phaseParams } from "../lib/models/training/phase/phase_params.ts";
import { PHASE_FLAWS } from "../lib/models/training/phase/phase_run.ts";
import { phaseInputs, runSegment } from "./training/run_segment.ts";
import { nativeLibraries } from "./permissions.ts";

export default defineTask({
  name: "warm-up",
  about: "initialise a ProtoMask and train its prototypes; the backbone is frozen",
  params: z.strictObject({
    ...phaseParams,
    epochs: z.int().nonnegative().default(0),
    learningRate: learningRate(1e-3),
    backbone: backboneSource,
    prototypesPerClass: z.int().positive().default(10),
    /** The number of elements of a prototype. */
    depth: z.int().positive().default(1280),
    fidelity: MODEL_FLAWS.param(PHASE_FLAWS),
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
    const { backbone, seed, prototypesPerClass, depth, learningRate } = context.params;
    const first = () => {
      const sourced = readBackbone(backbone, seed, context.inputs("weights")[0]);
      if (sourced.rule !== undefined) context.log(sourced.rule);
      const views = readViewsIndex(context.input("views"));
      const few = describeFewViews(views, prototypesPerClass);
      if (few !== undefined) context.log(`warning: ${few}`);
      return initialTraining(views, { backbone: sourced, prototypesPerClass, depth, seed });
    };
    await runSegment(context, "warmup", first, { initial: learningRate });
  },
});
