/** The kind `fine-tune`: trains only the last layer, after the projection. */
import { z } from "zod";
import { defineTask } from "../lib/flow/kind.ts";
import { MODEL_FLAWS } from "../lib/models/fidelity.ts";
import { learningRate, phaseParams } from "../lib/models/training/phase/phase_params.ts";
import { readState } from "../lib/models/training/state/state_files.ts";
import { phaseInputs, runSegment } from "./training/run_segment.ts";
import { nativeLibraries } from "./permissions.ts";

export default defineTask({
  name: "fine-tune",
  about: "train the last layer; all other layers are frozen",
  params: z.strictObject({
    ...phaseParams,
    epochs: z.int().positive().default(10),
    learningRate: learningRate(3e-4),
    fidelity: MODEL_FLAWS.param(["frozen_statistics", "left_over_gradients", "affine_border"] as const),
  }),
  inputs: { state: { about: "the state after the projection" }, ...phaseInputs },
  outputs: ["state", "model", "log"],
  chain: { steps: "epochs", segment: "segment", state: "state" },
  resources: { cpu: 4 },
  permissions: nativeLibraries,
  async run(context) {
    const { learningRate } = context.params;
    await runSegment(context, "fine_tune", () => readState(context.input("state")), {
      initial: learningRate,
    });
  },
});
