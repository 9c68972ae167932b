/** A small training on the CPU and on WebGPU; prints the difference of every value, over its norm, as JSON. */

import { runEpochs } from "../../../../lib/models/training/loop/run_epochs.ts";
import { untrained } from "../../../../lib/models/training/state/training_state.ts";
import { float32, type HostTensor } from "../../../../lib/tensor/host_tensor.ts";
import { relativeDifference } from "../../../relative_difference.ts";
import { tinyModel, tinyRun } from "../tiny_training.ts";

async function trained(device: "cpu" | "webgpu"): Promise<Map<string, HostTensor>> {
  const values = new Map<string, HostTensor>();
  let state = untrained(tinyModel.initialState(7));
  for (const phase of ["joint", "fine_tune"] as const) {
    const rates = () => ({ backbone: 1e-3, prototype_vectors: 3e-3, last_layer: 1e-3 });
    state = await runEpochs(state, tinyRun(1, { phase, rates, device, validateEvery: 1 }));
    for (const [name, value] of state.model) values.set(`${phase} ${name}`, value);
    const { train, validation } = state.history.at(-1)!;
    values.set(`${phase} loss`, float32([2], [train.loss, validation!.loss]));
  }
  return values;
}

const expected = await trained("cpu");
const differences: Record<string, number> = {};
for (const [name, value] of await trained("webgpu")) {
  differences[name] = relativeDifference(value, expected.get(name)!);
}
console.log(JSON.stringify(differences));
