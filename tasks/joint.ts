/** The kind `joint`: trains backbone and prototypes together. */
import { z } from "zod";
import { defineTask } from "../lib/flow/kind.ts";
import { MODEL_FLAWS } from "../lib/models/fidelity.ts";
import { learningRate, phaseParams } from "../lib/models/training/phase/phase_params.ts";
import { readState } from "../lib/models/training/state/state_files.ts";
import { phaseInputs, runSegment } from "./training/run_segment.ts";
import { nativeLibraries } from "./permissions.ts";

export default defineTask({
  name: "joint",
  about: "train the backbone and the prototypes together",
  params: z.strictObject({
    ...phaseParams,
    epochs: z.int().positive().default(100),
    /**
     * Initial learning rates. The rate of the 1×1 convolution is used only if `fidelity` trains this layer.
     */
    learningRates: z.strictObject({
      backbone: learningRate(6e-5),
      prototype_vectors: learningRate(3e-3),
      add_on_layers: learningRate(6e-5),
    }).prefault({}),
    /** Learning rates are multiplied by `gamma` every `stepSize` epochs. */
    schedule: z.strictObject({
      stepSize: z.int().positive().default(35),
      gamma: z.number().positive().default(0.5),
    }).prefault({}),
    fidelity: MODEL_FLAWS.param(
      [
        "diversity_gradient",
        "add_on_training",
        "left_over_gradients",
        "sanity_check",
        "affine_border",
      ] as const,
    ),
  }),
  inputs: { state: { about: "the state after the warm-up" }, ...phaseInputs },
  outputs: ["state", "model", "log"],
  chain: { steps: "epochs", segment: "segment", state: "state" },
  resources: { cpu: 4 },
  permissions: nativeLibraries,
  async run(context) {
    const { learningRates, schedule } = context.params;
    const first = () => readState(context.input("state"));
    await runSegment(context, "joint", first, { initial: learningRates, schedule });
  },
});
