/** The suite `backbone`: the real ResNet-50, its state dictionaries and their mapping. */

import { resNet, resNetChannels, RESNETS, resNetSpecs } from "../../../lib/models/resnet.ts";
import { BACKBONE_PREFIX, mapState } from "../../../lib/models/resnet_state.ts";
import { linearSpecs } from "../../../lib/nn/layers/linear.ts";
import type { TensorSpec } from "../../../lib/nn/tensor_spec.ts";
import { gradients } from "../../../lib/tensor/grad.ts";
import { elementCount, float32, type HostTensor } from "../../../lib/tensor/host_tensor.ts";
import type { Tensor } from "../../../lib/tensor/op.ts";
import { square } from "../../../lib/tensor/ops/elementwise.ts";
import { mean } from "../../../lib/tensor/ops/reduce.ts";
import { type Json, type Runner, tensorOf, tensorsUnder } from "../case.ts";
import { runProgram } from "../run_program.ts";
import { inputsFor } from "./layers.ts";

/** [mean, population standard deviation, the first values], in float64. */
function summary({ data }: HostTensor, first: number): HostTensor {
  const values = data as Float32Array;
  let total = 0;
  for (const value of values) total += value;
  const average = total / values.length;
  let squares = 0;
  for (const value of values) squares += (value - average) ** 2;
  return float32([2 + first], [average, Math.sqrt(squares / values.length), ...values.subarray(0, first)]);
}

function norm({ data }: HostTensor): number {
  let squares = 0;
  for (const value of data as Float32Array) squares += value * value;
  return Math.sqrt(squares);
}

const resnet: Runner = async (testCase) => {
  const { layers, width, strides, training, momentum, eps, parameters } = testCase.params;
  const given = new Map([...tensorsUnder(testCase, "w."), ["x", tensorOf(testCase, "in.x")]]);
  const state = inputsFor(given);
  const updated = new Map<string, Tensor>();
  const config = { block: "bottleneck" as const, layers, width, strides, norm: { momentum, eps } };
  const { features, activations } = resNet(state.get("x")!, config, { state, training, updated });
  const outputs = new Map<string, Tensor>([["features", features]]);
  for (const [name, tensor] of activations) outputs.set(`act.${name}`, tensor);
  if (training) {
    const loss = mean(square(features));
    outputs.set("loss", loss);
    const results = gradients(loss, parameters.map((name: string) => state.get(name)!));
    results.forEach((gradient, i) => outputs.set(`grad.${parameters[i]}`, gradient));
    for (const [name, tensor] of updated) outputs.set(`buffer.${name}`, tensor);
  }
  const values = await runProgram(outputs, given);
  const tensors: Record<string, HostTensor> = {};
  for (const [name, value] of values) {
    if (name.startsWith("act.")) tensors[`out.${name}`] = summary(value, 8);
    else if (/^(grad|buffer)\./.test(name)) tensors[`out.${name}`] = summary(value, 4);
    else tensors[`out.${name}`] = value;
  }
  if (training) {
    const norms = parameters.map((name: string) => norm(values.get(`grad.${name}`)!));
    tensors["out.grad_l2"] = float32([norms.length], norms);
  }
  return { tensors };
};

/** torchvision's ResNet-50: the backbone and the classifier. */
function classifierSpecs(): TensorSpec[] {
  const config = RESNETS.resnet50;
  return [...resNetSpecs(config), ...linearSpecs("fc", resNetChannels(config), 1000)];
}

/** What files of before PyTorch 0.4.1 hold: no batch counters. */
function firstGeneration(specs: readonly TensorSpec[]): TensorSpec[] {
  return specs.filter(({ name }) => !name.endsWith(".num_batches_tracked"));
}

const MODELS: Readonly<Record<string, () => readonly TensorSpec[]>> = {
  "torchvision.resnet50": () => classifierSpecs(),
  "torchvision.resnet50.v1file": () => firstGeneration(classifierSpecs()),
  "quanproto.resnet50": () => resNetSpecs(RESNETS.resnet50),
};

function specsOf(model: string): readonly TensorSpec[] {
  const specs = MODELS[model];
  if (!specs) throw new Error(`no state dictionary is known for "${model}"`);
  return specs();
}

const stateDict: Runner = ({ params: { model } }) => {
  const specs = specsOf(model);
  const entries = specs.map(({ name, shape, dtype }) => [name, [...shape], dtype] as const);
  const sorted = model.endsWith("v1file") ? entries.toSorted(([a], [b]) => a < b ? -1 : 1) : entries;
  const trained = specs.filter(({ role }) => role === "parameter");
  const count = trained.reduce((total, { shape }) => total + elementCount(shape), 0);
  return { values: { entries: sorted, parameters: trained.length, parameter_count: count } };
};

const mapping: Runner = ({ params: { from, to } }) => {
  const [file, model] = [specsOf(from), specsOf(to)];
  const { taken, dropped } = mapState(file, model);
  const { absent } = mapState(firstGeneration(file), model);
  const suffixes = [...new Set(absent.map(({ name }) => name.slice(name.lastIndexOf("."))))];
  const values: Record<string, Json> = {
    map: taken.length === model.length ? "same name" : "some names differ",
    dropped,
    absent_in_v1: { suffix: suffixes.join(), value: absent[0].value, count: absent.length },
    checkpoint_prefix: BACKBONE_PREFIX,
  };
  return { values };
};

export const runners: Record<string, Runner> = {
  "backbone.resnet": resnet,
  "backbone.state_dict": stateDict,
  "backbone.mapping": mapping,
};
