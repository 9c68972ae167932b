/** The kind `joint`: trains backbone and prototypes together. */
import { z } from "zod";
import { defineTask } from "../lib/flow/kind.ts";
import { MODEL_FLAWS } from "../lib/models/fidelity.ts";
import { flawsOf, jointModel } from "../lib/models/models.ts";
import { phaseParams } from "../lib/models/training/phase/phase_params.ts";
import { LOOP_FLAWS } from "../lib/models/training/phase/phase_run.ts";
import { schedule } from "../lib/models/training/phase/schedule_param.ts";
import { readState } from "../lib/models/training/state/state_files.ts";
import { phaseInputs, runSegment } from "./training/run_segment.ts";
import { nativeLibraries } from "./permissions.ts";
import { precision } from "./precision.ts";

export default defineTask({
  name: "joint",
  about: "train the backbone and the prototypes together",
  params: z.strictObject({
    ...phaseParams,
    ...precision,
    /** The model of the state, the numbers of its loss and its initial learning rates. */
    model: jointModel,
    epochs: z.int().positive().default(100),
    /** How learning rates change; by default they are multiplied by 0.5 every 35 epochs. */
    schedule: schedule.default({ stepSize: 35, gamma: 0.5 }),
    fidelity: MODEL_FLAWS.param([...flawsOf("joint"), ...LOOP_FLAWS]),
  }),
  inputs: { state: { about: "the state after the warm-up" }, ...phaseInputs },
  outputs: ["state", "model", "log"],
  chain: { steps: "epochs", segment: "segment", state: "state" },
  resources: { cpu: 4 },
  permissions: nativeLibraries,
  async run(context) {
    const { model: { learningRates }, schedule } = context.params;
    const first = () => readState(context.input("state"));
    await runSegment(context, "joint", first, { initial: learningRates, schedule });
  },
});
