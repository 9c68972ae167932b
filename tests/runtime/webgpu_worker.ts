/** A training step on the CPU and on WebGPU; prints the largest difference of every tensor, over its norm, as JSON. */

import { ResidentProgram } from "../../lib/runtime/resident.ts";
import type { HostTensor } from "../../lib/tensor/host_tensor.ts";
import { sgd } from "../../lib/nn/optim/sgd.ts";
import { relativeDifference } from "../relative_difference.ts";
import { smallTraining } from "./small_training.ts";

// Plain gradient descent: Adam's first steps are signs, in which rounding errors near 0 become whole steps.
const config = { block: "bottleneck", layers: [1], width: 8, strides: [2] } as const;
const training = smallTraining(config, [2, 3, 32, 32], sgd({ momentum: 0.9 }));

async function trained(device: "cpu" | "webgpu"): Promise<Map<string, HostTensor>> {
  const { program, feedback, state, inputs } = training;
  const resident = await ResidentProgram.open(program, { feedback, state, device });
  const { loss } = await resident.step(inputs(1));
  const lent = resident.lend(state.keys());
  for (const [name, { location }] of lent) {
    const expected = device === "cpu" ? "cpu" : "gpu-buffer";
    if (location !== expected) throw new Error(`${name} is in ${location}, not in ${expected}`);
  }
  const values = await resident.read();
  values.set("loss", loss);
  // The second step shows that state is fed back from the device's buffers.
  values.set("second loss", (await resident.step(inputs(2))).loss);
  resident.write(state);
  values.set("loss after writing", (await resident.step(inputs(1))).loss);
  await resident.release();
  return values;
}

const expected = await trained("cpu");
const differences: Record<string, number> = {};
for (const [name, value] of await trained("webgpu")) {
  differences[name] = relativeDifference(value, expected.get(name)!);
}
console.log(JSON.stringify(differences));
