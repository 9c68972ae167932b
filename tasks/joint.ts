/** The kind `joint`: trains backbone and prototypes together. */
import { z } from "zod";
import { defineTask } from "../lib/flow/kind.ts";
import { MODEL_FLAWS } from "../lib/models/fidelity.ts";
import { flawsOf, jointModel } from "../lib/models/models.ts";
import { phaseParams } from "../lib/models/training/phase/phase_params.ts";
import { LOOP_FLAWS } from "../lib/models/training/phase/phase_run.ts";
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
    /** Learning rates are multiplied by `gamma` every `stepSize` epochs. */
    schedule: z.strictObject({
      stepSize: z.int().positive().default(35),
      gamma: z.number().positive().default(0.5),
    }).prefault({}),
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
