/** Runs the cases of the suite "training": optimiser steps, phases, accumulation and schedules of the models. */

import { constrainLastLayer } from "../../../lib/models/pipnet.ts";
import { gumbelScalar } from "../../../lib/models/prototypes/presence.ts";
import type { PrototypeModel } from "../../../lib/models/prototypes/prototype_model.ts";
import { trainEpoch } from "../../../lib/models/training/loop/epoch.ts";
import { PhaseTraining } from "../../../lib/models/training/step/phase_training.ts";
import type { BatchResult, TrainingBatch } from "../../../lib/models/training/step/training_batch.ts";
import { untrained } from "../../../lib/models/training/state/training_state.ts";
import { adam } from "../../../lib/nn/optim/adam.ts";
import { initialState, type ParameterGroup, scalarInputs, stepOf } from "../../../lib/nn/optim/optimiser.ts";
import type { Phase } from "../../../lib/nn/optim/phases.ts";
import { elementCount, float32, type HostTensor } from "../../../lib/tensor/host_tensor.ts";
import { type Case, type Json, type Runner, tensorOf, tensorsUnder } from "../case.ts";
import { asVector, inputsLike, stateOf } from "../models/model_case.ts";
import { modelOf } from "../models/models.ts";
import { epochsOf, phasePlan, rateKey } from "../models/phase_plan.ts";
import { rowsOfBatch } from "../../models/rows_of_batch.ts";
import { runProgram } from "../run_program.ts";
import { withSummaries } from "../summaries.ts";

/** A phase that keeps what every micro-batch and every step gave. */
class RecordedTraining extends PhaseTraining {
  readonly results: BatchResult[] = [];
  readonly states: Map<string, HostTensor>[] = [];

  override async microBatch(batch: TrainingBatch): Promise<BatchResult> {
    const result = await super.microBatch(batch);
    this.results.push(result);
    return result;
  }

  override async step(rates: Readonly<Record<string, number>>): Promise<void> {
    await super.step(rates);
    this.states.push(await this.model());
  }
}

const trajectory: Runner = async (testCase) => {
  const { config, coefs, phase, model: name, groups, accumulate, fidelity } = testCase.params;
  const { batches_per_epoch, validate_after_epoch } = testCase.params;
  const builder = modelOf(name);
  const model: PrototypeModel = builder.build(config, {
    coefs,
    fidelity: builder.trainingFlaws(testCase.params),
  });
  const noise = testCase.tensors.get("in.gumbel");
  const batch = (index: number): TrainingBatch => ({
    ...batchAt(testCase, index),
    extra: builder.extra(model, testCase.params, noise && rowOf(noise, index)),
  });
  const initial = stateOf(testCase, model);
  const training = new RecordedTraining(untrained(initial), { model, phase, accumulate });
  const rates = Object.fromEntries(model.groups(phase).map((group, i) => [group.name, groups[i].lr]));
  let from = 0;
  for (const count of batches_per_epoch) {
    const batches = Array.from({ length: count }, (_, i) => batch(from + i));
    await trainEpoch(training, batches, { rates, accumulate, leftOverGradients: fidelity });
    if (validate_after_epoch) await training.clearGradients();
    from += count;
  }
  const final = await training.model();
  await training.release();
  const tensors: Record<string, HostTensor> = {};
  training.states.forEach((state, i) => {
    for (const [key, value] of state) tensors[`out.step${i + 1}.${key}`] = asVector(value);
  });
  for (const term of Object.keys(training.results[0].terms)) {
    const values = training.results.map(({ terms }) => terms[term]);
    tensors[`out.loss.${term}`] = float32([values.length], values);
  }
  return {
    tensors: withSummaries(testCase, tensors),
    values: { updates: training.states.length, unchanged: unchangedNames(model, initial, final) },
  };
};

/** The `index`-th of the batches that the case stacks. */
function batchAt(testCase: Case, index: number): TrainingBatch {
  const [x, target] = [tensorOf(testCase, "in.x"), tensorOf(testCase, "in.target")];
  const [count, images] = target.shape;
  const flat = {
    x: float32([count * images, ...x.shape.slice(2)], x.data as Float32Array),
    labels: { ...target, shape: [count * images] } as HostTensor<"int64">,
  };
  return rowsOfBatch(flat, Array.from({ length: images }, (_, i) => index * images + i));
}

function unchangedNames(
  { specs }: PrototypeModel,
  before: ReadonlyMap<string, HostTensor>,
  after: ReadonlyMap<string, HostTensor>,
): string[] {
  const same = (name: string) =>
    before.get(name)!.data.every((value, i) => value === after.get(name)!.data[i]);
  return specs.map(({ name }) => name).filter((name) =>
    name !== "classification_loss_fn.weight" && same(name)
  )
    .toSorted();
}

/** Every parameter is a group of its own here, because single ones miss their gradient at some steps. */
const adamSteps: Runner = async (testCase) => {
  const { groups, betas, eps, weight_decay, no_gradient } = testCase.params;
  const values = new Map<string, HostTensor>(tensorsUnder(testCase, "w."));
  const gradients = tensorsUnder(testCase, "in.grad.");
  const optimiser = adam({ betas, eps, weightDecay: weight_decay });
  const all: ParameterGroup[] = groups.flatMap((group: Json) =>
    group.parameters.map((name: string) => ({ name, parameters: [name], optimiser }))
  );
  const lrOf = (name: string) => groups.find((group: Json) => group.parameters.includes(name)).lr;
  const state = new Map<string, HostTensor>(initialState(all, values));
  const counts = new Map<string, number>();
  const tensors: Record<string, HostTensor> = {};
  const steps = [...gradients.values()][0].shape[0];
  for (let step = 0; step < steps; step++) {
    const due = all.filter(({ name }) => !no_gradient[name]?.includes(step));
    const fed = new Map([...values, ...state]);
    const given = new Map<string, HostTensor>();
    for (const group of due) {
      const { name } = group;
      counts.set(name, (counts.get(name) ?? 0) + 1);
      given.set(name, rowOf(gradients.get(name)!, step));
      fed.set(`gradient ${name}`, given.get(name)!);
      for (const [scalar, value] of scalarInputs(group, lrOf(name), counts.get(name)!)) {
        fed.set(scalar, value);
      }
    }
    const inputs = inputsLike(fed);
    const named = new Map([...given.keys()].map((name) => [name, inputs.get(`gradient ${name}`)!]));
    for (const [name, value] of await runProgram(stepOf(due, inputs, named), fed)) {
      (values.has(name) ? values : state).set(name, value);
    }
    for (const [name, value] of values) tensors[`out.step${step + 1}.${name}`] = value;
  }
  for (const [name, value] of state) tensors[`out.${name}`] = value;
  return { tensors };
};

function rowOf({ shape, data }: HostTensor, row: number): HostTensor {
  const size = elementCount(shape.slice(1));
  return float32(shape.slice(1), (data as Float32Array).slice(row * size, (row + 1) * size));
}

const learningRates: Runner = ({ params }) => {
  const model = modelOf(params.model).fullSize("cub200") as PrototypeModel;
  const plan = phasePlan(model, params, params.config);
  return { values: { lr: epochsOf(plan).map(({ rates }) => rates) } };
};

const parameterGroups: Runner = ({ params }) => {
  const model = modelOf(params.model).fullSize("cub200") as PrototypeModel;
  const shapes = new Map(model.specs.map(({ name, shape }) => [name, shape]));
  const order = model.specs.map(({ name }) => name);
  const describe = (phase: Phase) => {
    const flagged = order.filter((name) => model.trainable(phase).includes(name));
    const groups = model.groups(phase);
    const moved = groups.flatMap(({ parameters }) => parameters);
    return {
      groups: groups.map(({ rate, parameters }) => ({
        lr_key: rateKey(phase, rate),
        tensors: parameters.length,
        elements: parameters.reduce((total, name) => total + elementCount(shapes.get(name)!), 0),
        first: parameters[0],
        last: parameters.at(-1),
        names: parameters,
      })),
      requires_grad_outside_backbone: flagged.filter((name) => !name.startsWith("backbone.")),
      backbone_requires_grad: flagged.some((name) => name.startsWith("backbone.")),
      never_updated_though_requires_grad: flagged.filter((name) => !moved.includes(name)),
      in_optimizer_without_grad_flag: moved.filter((name) => !flagged.includes(name)),
    };
  };
  return {
    values: { warmup: describe("warmup"), joint: describe("joint"), fine_tune: describe("fine_tune") },
  };
};

const gumbelScalars: Runner = ({ params, expect }) => {
  const { tau_start: start, tau_end: end, decreasing_interval: interval } = params;
  return {
    values: {
      scalar: expect.scalar.map((_: number, epoch: number) => gumbelScalar(epoch, { start, end, interval })),
    },
  };
};

const pipnetClamp: Runner = async (testCase) => {
  const given = tensorsUnder(testCase, "w.");
  const named = new Map([...given].map(([name, value]) => [`last_layer.${name}`, value]));
  const outputs = constrainLastLayer(inputsLike(named));
  const results = await runProgram(new Map(outputs), named);
  return {
    tensors: Object.fromEntries(
      [...results].map(([name, value]) => [`out.${name.slice("last_layer.".length)}`, value]),
    ),
  };
};

export const runners: Record<string, Runner> = {
  "training.trajectory": trajectory,
  "training.accumulate": trajectory,
  "training.adam": adamSteps,
  "training.lr": learningRates,
  "training.param_groups": parameterGroups,
  "training.gumbel_scalar": gumbelScalars,
  "training.pipnet_clamp": pipnetClamp,
};
