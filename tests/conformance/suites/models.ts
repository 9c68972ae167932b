/** Runs the cases of the suite "models": outputs, losses, gradients, states and statistics of the prototype models. */

import type { Fidelity } from "../../../lib/fidelity.ts";
import { classLayerCompactness } from "../../../lib/metrics/compactness/class_layer.ts";
import { presentPrototypes } from "../../../lib/metrics/compactness/presence.ts";
import type { PrototypeModel } from "../../../lib/models/prototypes/prototype_model.ts";
import { presenceOf } from "../../../lib/models/prototypes/presence.ts";
import { gradients } from "../../../lib/tensor/grad.ts";
import { elementCount, type HostTensor } from "../../../lib/tensor/host_tensor.ts";
import type { Tensor } from "../../../lib/tensor/op.ts";
import { logSimilarity } from "../../../lib/tensor/ops/distance.ts";
import { scalar } from "../../../lib/tensor/ops/source.ts";
import { type Case, type Runner, tensorOf } from "../case.ts";
import { asVector, inputsLike, stateOf } from "../models/model_case.ts";
import { modelOf } from "../models/models.ts";
import { squaredDistance2d } from "../ops/composed.ts";
import { runProgram } from "../run_program.ts";
import { withSummaries } from "../summaries.ts";
import { runTensorCase } from "../tensor_case.ts";

/** The choice for those flaws that `fidelity` means in this suite. */
function flawsOf({ params: { model, fidelity } }: Case): Record<string, Fidelity> {
  return Object.fromEntries(modelOf(model).flaws.map((flaw) => [flaw, fidelity]));
}

const forward: Runner = async (testCase) => {
  const { config, train, model: name } = testCase.params;
  const builder = modelOf(name);
  const model: PrototypeModel = builder.build(config, { fidelity: flawsOf(testCase) });
  const extraValues = builder.extra(model, testCase.params, testCase.tensors.get("in.gumbel"));
  const values = new Map([...stateOf(testCase, model), ...Object.entries(extraValues)]);
  values.set("x", tensorOf(testCase, "in.x"));
  const state = inputsLike(values);
  const context = { state, training: train, updated: new Map<string, Tensor>() };
  const extra = new Map(Object.keys(extraValues).map((key) => [key, state.get(key)!]));
  const outputs = new Map(Object.entries(builder.forward(model, state.get("x")!, context, extra)));
  for (const [key, tensor] of context.updated) outputs.set(`state.${key}`, tensor);
  const tensors: Record<string, HostTensor> = {};
  for (const [key, value] of await runProgram(outputs, values)) tensors[`out.${key}`] = asVector(value);
  return { tensors: withSummaries(testCase, tensors) };
};

const loss: Runner = async (testCase) => {
  const { config, phase, coefs, model: name, train, gradients: differentiate = true } = testCase.params;
  const builder = modelOf(name);
  const model: PrototypeModel = builder.build(config, { coefs, fidelity: flawsOf(testCase) });
  const extraValues = builder.extra(model, testCase.params, testCase.tensors.get("in.gumbel"));
  const values = new Map([...stateOf(testCase, model), ...Object.entries(extraValues)]);
  values.set("x", tensorOf(testCase, "in.x")).set("labels", tensorOf(testCase, "in.target"));
  const state = inputsLike(values);
  const context = { state, training: train, updated: new Map<string, Tensor>() };
  const extra = new Map(Object.keys(extraValues).map((key) => [key, state.get(key)!]));
  const { terms } = model.loss({ x: state.get("x")!, labels: state.get("labels")!, extra }, phase, context);
  const outputs = new Map(Object.entries(terms).map(([term, tensor]) => [`out.loss.${term}`, tensor]));
  const wanted = model.gradients(phase);
  if (differentiate) {
    const results = gradients(terms.loss, wanted.map((parameter) => state.get(parameter)!));
    results.forEach((gradient, i) => outputs.set(`grad.${wanted[i]}`, gradient));
  }
  const tensors: Record<string, HostTensor> = {};
  for (const [key, value] of await runProgram(outputs, values)) tensors[key] = asVector(value);
  const isZero = (parameter: string) =>
    tensors[`grad.${parameter}`]?.data.every((value) => Number(value) === 0);
  const parameters = model.specs.filter(({ role }) => role === "parameter").map((spec) => spec.name);
  return {
    tensors: withSummaries(testCase, tensors),
    values: {
      none_grad: parameters.filter((parameter) => !wanted.includes(parameter)),
      zero_grad: wanted.filter(isZero),
      requires_grad: model.trainable(phase).toSorted(),
      optimizer_groups: model.groups(phase).map((group) => group.parameters.toSorted()),
    },
  };
};

const stateDict: Runner = ({ params }) => {
  const { specs } = modelOf(params.model).fullSize(params.dataset) as PrototypeModel;
  const parameters = specs.filter(({ role }) => role === "parameter");
  return {
    values: {
      order: specs.map(({ name }) => name),
      shapes: Object.fromEntries(specs.map(({ name, shape }) => [name, shape.join("x")])),
      buffers_int64: specs.filter(({ dtype }) => dtype === "int64").map(({ name }) => name),
      parameters: parameters.reduce((total, { shape }) => total + elementCount(shape), 0),
      parameter_tensors: parameters.length,
      state_entries: specs.length,
    },
  };
};

const initial: Runner = ({ params, expect, tolerance }) => {
  const model = modelOf(params.model).fullSize(params.dataset) as PrototypeModel;
  const state = model.initialState(4871);
  const faults: string[] = [];
  for (const [name, { mean, std }] of Object.entries<{ mean: number; std: number }>(expect)) {
    const { data } = state.get(name)!;
    const values = data as Float32Array;
    const average = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(
      values.reduce((sum, value) => sum + (value - average) ** 2, 0) / values.length,
    );
    for (const [what, got, wanted] of [["mean", average, mean], ["std", deviation, std]] as const) {
      const { rtol = 0, atol = 0 } = tolerance[`${name}.${what}`] ?? tolerance.default;
      if (!(Math.abs(got - wanted) <= atol + rtol * Math.abs(wanted))) {
        faults.push(`the ${what} of ${name} is ${got}, expected ${wanted}`);
      }
    }
  }
  return { values: expect, faults };
};

const statistics: Runner = (testCase) => {
  const { eps } = testCase.params;
  const weight = tensorOf(testCase, "w.last_layer.weight") as HostTensor<"float32">;
  const presence = testCase.tensors.get("w.proto_presence") as HostTensor<"float32"> | undefined;
  const { globalSize, sparsity, negativePositiveRatio } = classLayerCompactness(weight, eps);
  return {
    values: {
      global_size: presence ? presentPrototypes(presence, eps, "raw").filter(Boolean).length : globalSize,
      sparsity,
      negative_positive_ratio: negativePositiveRatio,
    },
  };
};

const presence: Runner = (testCase) =>
  runTensorCase(
    withInput(testCase, "q"),
    ({ q, gumbel }, params) => presenceOf(q, gumbel, scalar(params.scalar)),
  );

/** The case with the weight `w.NAME` as an input. */
function withInput(testCase: Case, name: string): Case {
  return {
    ...testCase,
    tensors: new Map(testCase.tensors).set(`in.${name}`, tensorOf(testCase, `w.${name}`)),
  };
}

export const runners: Record<string, Runner> = {
  "models.forward": forward,
  "models.loss": loss,
  "models.state_dict": stateDict,
  "models.initial": initial,
  "models.statistics": statistics,
  "models.presence": presence,
  "models.log_similarity": (testCase) => runTensorCase(testCase, ({ d }) => logSimilarity(d)),
  "models.l2_squared": (testCase) => {
    return runTensorCase(withInput(testCase, "p"), ({ x, p }) => squaredDistance2d(x, p));
  },
};
