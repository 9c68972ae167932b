/** The suite `layers`: batch norm over several steps, dropout, bottlenecks and small ResNets. */

import { residualBlock } from "../../../lib/models/residual_block.ts";
import { resNet } from "../../../lib/models/resnet.ts";
import { batchNormLayer } from "../../../lib/nn/layers/batch_norm.ts";
import { gradients } from "../../../lib/tensor/grad.ts";
import { float32, type HostTensor, int64 } from "../../../lib/tensor/host_tensor.ts";
import type { ElementType, Tensor } from "../../../lib/tensor/op.ts";
import { mul } from "../../../lib/tensor/ops/arithmetic.ts";
import { toChannelsFirst, toChannelsLast } from "../../../lib/tensor/ops/channels_last.ts";
import { input } from "../../../lib/tensor/ops/source.ts";
import { type Case, type Outcome, type Runner, tensorOf, tensorsUnder } from "../case.ts";
import { runProgram } from "../run_program.ts";

/** Program inputs for host tensors, by the same names. */
export function inputsFor(values: ReadonlyMap<string, HostTensor>): Map<string, Tensor> {
  return new Map(
    [...values].map(([name, { dtype, shape }]) => [name, input(name, dtype as ElementType, shape)]),
  );
}

interface Built {
  y: Tensor;
  /** Tensors by name; where the case expects `out.NAME`, they are compared. */
  updated: ReadonlyMap<string, Tensor>;
}

/** Runs a model of the case's `w.*` on `in.x` with every gradient and buffer that the case expects. */
async function runModel(
  testCase: Case,
  build: (x: Tensor, state: ReadonlyMap<string, Tensor>) => Built,
): Promise<Outcome> {
  const weights = tensorsUnder(testCase, "w.");
  const state = inputsFor(weights);
  const given = new Map([...weights, ["x", tensorOf(testCase, "in.x")]]);
  const dyValue = testCase.tensors.get("in.dy");
  if (dyValue) given.set("dy", dyValue);
  const x = inputsFor(given).get("x")!;
  const { y, updated } = build(x, state);
  const outputs = new Map<string, Tensor>([["out.y", y]]);
  for (const [name, tensor] of updated) {
    if (testCase.tensors.has(`out.${name}`)) outputs.set(`out.${name}`, tensor);
  }
  const wanted = [...tensorsUnder(testCase, "grad.").keys()];
  if (wanted.length > 0) {
    const dy = input("dy", "float32", y.shape);
    const of = (name: string) => name === "x" ? x : state.get(name)!;
    const results = gradients([{ output: y, cotangent: dy }], wanted.map(of));
    wanted.forEach((name, i) => outputs.set(`grad.${name}`, results[i]));
  }
  return { tensors: Object.fromEntries(await runProgram(outputs, given)) };
}

const bottleneck: Runner = (testCase) => {
  const { in_channels, width, stride, downsample, training, momentum, eps } = testCase.params;
  return runModel(testCase, (x, state) => {
    const context = { state: below(state), training, updated: new Map<string, Tensor>() };
    const block = {
      name: "block",
      kind: "bottleneck" as const,
      channels: in_channels,
      width,
      stride,
      downsample,
      norm: { momentum, eps },
    };
    const y = toChannelsFirst(residualBlock(toChannelsLast(x), block, context));
    return { y, updated: new Map([...context.updated].map(([name, t]) => [name.slice("block.".length), t])) };
  });
};

function below(state: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  return new Map([...state].map(([name, tensor]) => [`block.${name}`, tensor]));
}

const resnet: Runner = (testCase) => {
  const { layers, width, strides, training, momentum, eps } = testCase.params;
  return runModel(testCase, (x, state) => {
    const context = { state, training, updated: new Map<string, Tensor>() };
    const config = { block: "bottleneck" as const, layers, width, strides, norm: { momentum, eps } };
    return { y: resNet(x, config, context).features, updated: context.updated };
  });
};

const batchNormSequence: Runner = async (testCase) => {
  const { momentum, eps, training_steps } = testCase.params;
  const weights = tensorsUnder(testCase, "w.");
  const channels = weights.get("weight")!.shape[0];
  let state = new Map<string, HostTensor>([
    ...weights,
    ["running_mean", float32([channels], new Float32Array(channels))],
    ["running_var", float32([channels], new Float32Array(channels).fill(1))],
    ["num_batches_tracked", int64([], [0])],
  ]);
  const tensors: Record<string, HostTensor> = {};
  for (let step = 0; testCase.tensors.has(`in.x${step}`); step++) {
    const training = step < training_steps;
    const given = new Map([...state].map(([name, value]) => [`norm.${name}`, value]));
    given.set("x", tensorOf(testCase, `in.x${step}`)).set("dy", tensorOf(testCase, `in.dy${step}`));
    const inputs = inputsFor(given);
    const [x, dy] = [inputs.get("x")!, inputs.get("dy")!];
    const updated = new Map<string, Tensor>();
    const y = batchNormLayer(x, "norm", { state: inputs, training, updated }, { axis: 1, momentum, eps });
    const wrt = ["x", "weight", "bias"];
    const results = gradients(
      [{ output: y, cotangent: dy }],
      wrt.map((name) => inputs.get(name === "x" ? name : `norm.${name}`)!),
    );
    const outputs = new Map<string, Tensor>([[`out.y${step}`, y]]);
    wrt.forEach((name, i) => outputs.set(`grad.${name}${step}`, results[i]));
    for (const [name, tensor] of updated) outputs.set(name, tensor);
    const values = await runProgram(outputs, given);
    for (const [name, value] of values) if (!updated.has(name)) tensors[name] = value;
    state = new Map([...state].map(([name, value]) => [name, values.get(`norm.${name}`) ?? value]));
    if (!training) continue;
    tensors[`out.running_mean${step}`] = state.get("running_mean")!;
    tensors[`out.running_var${step}`] = state.get("running_var")!;
  }
  return { tensors: { ...tensors, "out.num_batches_tracked": state.get("num_batches_tracked")! } };
};

/** No model of the product has a dropout; its rule is a product with a mask. */
const dropoutRunner: Runner = async (testCase) => {
  const { p } = testCase.params;
  const given = tensorsUnder(testCase, "in.");
  const inputs = inputsFor(given);
  const [x, mask, dy] = ["x", "mask", "dy"].map((name) => inputs.get(name)!);
  const y = mul(x, mul(mask, 1 / (1 - p)));
  const [dx] = gradients([{ output: y, cotangent: dy }], [x]);
  const outputs = new Map([["out.y", y], ["grad.x", dx], ["out.y_eval", x]]);
  return { tensors: Object.fromEntries(await runProgram(outputs, given)) };
};

export const runners: Record<string, Runner> = {
  "layers.batch_norm_sequence": batchNormSequence,
  "layers.dropout": dropoutRunner,
  "layers.bottleneck": bottleneck,
  "layers.resnet": resnet,
};
