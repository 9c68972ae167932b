/** A training step of a small ResNet, for tests of the runtimes. */

import { resNet, type ResNetConfig } from "../../lib/models/resnet.ts";
import { initialResNet } from "../../lib/models/resnet_init.ts";
import { adam } from "../../lib/nn/optim/adam.ts";
import { initialState, type Optimiser, scalarInputs, stepOf } from "../../lib/nn/optim/optimiser.ts";
import { gradients } from "../../lib/tensor/grad.ts";
import { type Program, program } from "../../lib/tensor/graph.ts";
import { float32, type HostTensor } from "../../lib/tensor/host_tensor.ts";
import type { ElementType, Tensor } from "../../lib/tensor/op.ts";
import { square } from "../../lib/tensor/ops/elementwise.ts";
import { mean } from "../../lib/tensor/ops/reduce.ts";
import { input } from "../../lib/tensor/ops/source.ts";
import { RandomStream } from "../../lib/tensor/random.ts";

export interface SmallTraining {
  readonly program: Program;
  /** Output to input. */
  readonly feedback: ReadonlyMap<string, string>;
  readonly state: ReadonlyMap<string, HostTensor>;
  /** The inputs of step 1, 2, …, that are not state. */
  inputs(step: number): Record<string, HostTensor>;
}

export function smallTraining(
  config: ResNetConfig = { block: "bottleneck", layers: [1, 1], width: 16, strides: [1, 2] },
  shape: readonly number[] = [2, 3, 32, 32],
  optimiser: Optimiser = adam(),
): SmallTraining {
  const values = initialResNet(config, 1);
  // The counters are int64, for which GPUs have no kernels.
  for (const name of values.keys()) if (name.endsWith(".num_batches_tracked")) values.delete(name);
  const inputs = new Map(
    [...values].map(([name, { dtype, shape }]) => [name, input(name, dtype as ElementType, shape)]),
  );
  const updated = new Map<string, Tensor>();
  const context = { state: inputs, training: true, updated };
  const loss = mean(square(resNet(input("x", "float32", shape), config, context).features));
  const parameters = [...values.keys()].filter((name) => /\.(weight|bias)$/.test(name));
  const results = gradients(loss, parameters.map((name) => inputs.get(name)!));
  const group = { name: "all", parameters, optimiser };
  const after = stepOf([group], inputs, new Map(parameters.map((name, i) => [name, results[i]])));
  const next = new Map([...updated, ...after]);
  const outputs = Object.fromEntries([...next].map(([name, tensor]) => [`next ${name}`, tensor]));
  const pixels = new Float32Array(shape.reduce((a, b) => a * b, 1));
  return {
    program: program({ loss, ...outputs }),
    feedback: new Map([...next.keys()].map((name) => [`next ${name}`, name])),
    state: new Map<string, HostTensor>([...values, ...initialState([group], inputs)]),
    inputs(step) {
      new RandomStream({ seed: 1, purpose: "pixels", index: step }).fillNormal(pixels, 0, 1);
      return { x: float32(shape, pixels.slice()), ...Object.fromEntries(scalarInputs(group, 1e-2, step)) };
    },
  };
}
