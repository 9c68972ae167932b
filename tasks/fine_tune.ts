/** The kind `fine-tune`: trains only the last layer, after the projection. */
import { z } from "zod";
import { defineTask } from "../lib/flow/kind.ts";
import { MODEL_FLAWS } from "../lib/models/fidelity.ts";
import { definitionOf, fineTuneModel, flawsOf } from "../lib/models/models.ts";
import { schedule } from "../lib/models/training/phase/schedule_param.ts";
import { phaseParams } from "../lib/models/training/phase/phase_params.ts";
import { readState } from "../lib/models/training/state/state_files.ts";
import { phaseInputs, runSegment } from "./training/run_segment.ts";
import { nativeLibraries } from "./permissions.ts";
import { precision } from "./precision.ts";

export default defineTask({
  name: "fine-tune",
  about: "train the last layer; all other layers are frozen",
  params: z.strictObject({
    ...phaseParams,
    ...precision,
    /** The model of the state and the numbers of its loss. */
    model: fineTuneModel,
    epochs: z.int().positive().default(10),
    learningRate: z.number().positive().optional(),
    /** How the learning rate changes; by default it does not. */
    schedule: schedule.optional(),
    fidelity: MODEL_FLAWS.param([...flawsOf("fine_tune"), "left_over_gradients", "affine_border"]),
  }),
  inputs: { state: { about: "the state after the projection, or after the joint phase" }, ...phaseInputs },
  outputs: ["state", "model", "log"],
  chain: { steps: "epochs", segment: "segment", state: "state" },
  resources: { cpu: 4 },
  permissions: nativeLibraries,
  async run(context) {
    const { model, learningRate, schedule } = context.params;
    const initial = learningRate ?? definitionOf(model.name).study.fineTuneRate;
    await runSegment(context, "fine_tune", () => readState(context.input("state")), { initial, schedule });
  },
});
