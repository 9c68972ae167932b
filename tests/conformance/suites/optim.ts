/** Runs the cases of the suite "optim": optimisers, schedules, phases and gradient accumulation. */

import { adam, adamW } from "../../../lib/nn/optim/adam.ts";
import { accumulated, gradientName, isCleared, isStep } from "../../../lib/nn/optim/accumulation.ts";
import {
  initialState,
  type Optimiser,
  type ParameterGroup,
  scalarInputs,
  stepOf,
} from "../../../lib/nn/optim/optimiser.ts";
import * as schedules from "../../../lib/nn/optim/schedules.ts";
import { sgd } from "../../../lib/nn/optim/sgd.ts";

import { zerosOf } from "../../../lib/nn/parameters.ts";
import { float32, type HostTensor, hostTensor } from "../../../lib/tensor/host_tensor.ts";
import { crossEntropy } from "../../../lib/tensor/ops/cross_entropy.ts";
import { linear } from "../../../lib/tensor/ops/matmul.ts";
import { input } from "../../../lib/tensor/ops/source.ts";
import type { ElementType, Tensor } from "../../../lib/tensor/op.ts";
import { type Case, type Json, type Outcome, type Runner, tensorOf, tensorsUnder } from "../case.ts";
import { epochsOf, planOf } from "../models/phase_plan.ts";
import { runProgram } from "../run_program.ts";

const OPTIMISERS: Record<string, (group: Json) => Optimiser> = {
  adam: ({ betas, eps, weight_decay, amsgrad }) => adam({ betas, eps, weightDecay: weight_decay, amsgrad }),
  adamw: ({ betas, eps, weight_decay, amsgrad }) => adamW({ betas, eps, weightDecay: weight_decay, amsgrad }),
  sgd: ({ momentum, dampening, nesterov, weight_decay }) =>
    sgd({ momentum, dampening, nesterov, weightDecay: weight_decay }),
};

const SCHEDULES: Record<string, (params: Json) => schedules.Schedule> = {
  StepLR: ({ step_size, gamma }) => schedules.stepRate({ stepSize: step_size, gamma }),
  // PyTorch counts from the epoch after `last_epoch`, and earlier milestones have no effect.
  MultiStepLR: ({ milestones, gamma, last_epoch = -1 }) =>
    schedules.multiStepRate({
      milestones: milestones.map((one: number) => one - last_epoch - 1).filter((one: number) => one >= 0),
      gamma,
    }),
  ExponentialLR: ({ gamma }) => schedules.stepRate({ stepSize: 1, gamma }),
  CosineAnnealingLR: ({ T_max, eta_min }) => schedules.cosineRate({ tMax: T_max, etaMin: eta_min }),
  CosineAnnealingWarmRestarts: ({ T_0, T_mult, eta_min }) =>
    schedules.warmRestartsRate({ t0: T_0, tMult: T_mult, etaMin: eta_min }),
  LinearLR: ({ start_factor, total_iters }) =>
    schedules.warmedUp(schedules.constantRate, { epochs: total_iters, startFactor: start_factor }),
  LambdaWarmup: ({ warmup }) => (lr, epoch) => risen(warmup)(lr, epoch + 1),
  LambdaWarmupCosine: ({ warmup, cosine }) => (lr, epoch) =>
    epoch < warmup.epochs
      ? risen(warmup)(lr, epoch + 1)
      : schedules.cosineRate({ tMax: cosine.T_max - warmup.epochs })(lr, epoch - warmup.epochs),
  WarmupCosine: ({ warmup, cosine }) =>
    schedules.warmedUp(schedules.cosineRate({ tMax: cosine.T_max, etaMin: cosine.eta_min }), {
      epochs: warmup.epochs,
      startFactor: warmup.start_factor,
    }),
  ReduceLROnPlateau: ({ factor, patience, mode }) => schedules.plateauRate({ factor, patience, mode }),
};

/** A rise from 0; cases count it from the epoch after. */
function risen({ epochs }: Json): schedules.Schedule {
  return schedules.warmedUp(schedules.constantRate, { epochs, startFactor: 0 });
}

/** Every parameter is a group of its own here, because a skipped step is skipped by one parameter alone. */
function trajectory(make: (group: Json) => Optimiser): Runner {
  return async (testCase) => {
    const { groups, steps, skip = {}, lr_per_step } = testCase.params;
    const values = new Map<string, HostTensor>(tensorsUnder(testCase, "in.p."));
    const lrs = new Map<string, number>();
    const all: ParameterGroup[] = groups.flatMap((group: Json) =>
      group.params.map((name: string) => {
        lrs.set(name, group.lr);
        return { name, parameters: [name], optimiser: make(group) };
      })
    );
    const state = new Map<string, HostTensor>(initialState(all, values));
    const counts = new Map<string, number>();
    const paths = new Map([...values].map(([name]) => [name, [] as HostTensor[]]));
    for (let s = 0; s < steps; s++) {
      const due = all.filter(({ name }) => !skip[name]?.includes(s));
      const fed = new Map<string, HostTensor>([...values, ...state]);
      const gradients = new Map<string, Tensor>();
      for (const group of due) {
        counts.set(group.name, (counts.get(group.name) ?? 0) + 1);
        const lr = lrs.get(group.name)! * (lr_per_step?.[s] ?? 1);
        scalarInputs(group, lr, counts.get(group.name)!).forEach((value, name) => fed.set(name, value));
        fed.set(`g.${group.name}`, rowOf(tensorOf(testCase, `in.g.${group.name}`), s));
        gradients.set(group.name, inputLike(`g.${group.name}`, fed.get(`g.${group.name}`)!));
      }
      const parameters = new Map([...values].map(([name, value]) => [name, inputLike(name, value)]));
      const after = await runProgram(stepOf(due, parameters, gradients), fed);
      for (const [name, value] of after) (values.has(name) ? values : state).set(name, value);
      for (const [name, value] of values) paths.get(name)!.push(value);
    }
    const tensors: Record<string, HostTensor> = {};
    for (const [name, path] of paths) {
      tensors[`out.p.${name}`] = stacked(path);
      tensors[`out.step.${name}`] = hostTensor("int64", [], BigInt64Array.of(BigInt(counts.get(name) ?? 0)));
    }
    for (const [name, value] of state) tensors[`out.${name}`] = value;
    return { tensors };
  };
}

const schedule: Runner = ({ params }) => {
  const rate = SCHEDULES[params.scheduler](params);
  const epochs = Array.from({ length: params.epochs }, (_, epoch) => epoch);
  return {
    values: { lr: epochs.map((epoch) => params.lr.map((lr: number) => rate(lr, epoch, params.metric))) },
  };
};

const phases: Runner = ({ params }) => {
  const joint = Object.entries<number>(params).filter(([key]) => key.startsWith("joint_optimizer_lr."));
  const plan = planOf(params, params, {
    warmup: [params.warm_optimizer_lr],
    joint: joint.map(([, lr]) => lr),
    fine_tune: [params.fine_tune_optimizer_lr],
  });
  return { values: { epochs: epochsOf(plan).map(({ phase, rates }) => [phase, ...rates]) } };
};

async function accumulation(testCase: Case): Promise<Outcome> {
  const { accumulate, micro_batches, epochs, validate, optimizer, lr } = testCase.params;
  const [x, y] = [tensorOf(testCase, "in.x"), tensorOf(testCase, "in.y")];
  const classWeights = tensorOf(testCase, "in.class_weights");
  let weight = tensorOf(testCase, "in.weight");
  const parameters = new Map([["weight", inputLike("weight", weight)]]);
  const group: ParameterGroup = { name: "all", parameters: ["weight"], optimiser: OPTIMISERS[optimizer]({}) };
  let state = new Map<string, HostTensor>(initialState([group], new Map([["weight", weight]])));
  let gradient: HostTensor = zerosOf(weight.shape);
  let step = 0;
  const weights: HostTensor[] = [], left: HostTensor[] = [], losses: HostTensor[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (let i = 0; i < micro_batches; i++) {
      const [batch, labels] = [rowOf(x, i), rowOf(y, i)];
      const logits = linear(inputLike("x", batch), parameters.get("weight")!);
      const loss = crossEntropy(logits, inputLike("y", labels), {
        classWeights: inputLike("classes", classWeights),
      });
      const outputs = accumulated(loss, parameters, accumulate).set("loss", loss);
      const fed = new Map([["x", batch], ["y", labels], ["classes", classWeights], ["weight", weight]]);
      const result = await runProgram(outputs, fed.set(gradientName("weight"), gradient));
      gradient = result.get("weight")!;
      losses.push(result.get("loss")!);
      if (!isStep(i, accumulate)) continue;
      const gradients = new Map([["weight", inputLike("g", gradient)]]);
      const inputs = new Map([
        ["weight", weight],
        ["g", gradient],
        ...state,
        ...scalarInputs(group, lr, ++step),
      ]);
      const after = await runProgram(stepOf([group], parameters, gradients), inputs);
      weight = after.get("weight")!;
      after.delete("weight");
      state = after;
      gradient = zerosOf(weight.shape);
    }
    if (isCleared(epoch, validate)) gradient = zerosOf(weight.shape);
    weights.push(weight);
    left.push(gradient);
  }
  return {
    tensors: {
      "out.weight": stacked(weights),
      "out.grad_left": stacked(left),
      "out.loss": stacked(losses),
      "out.steps": hostTensor("int64", [], BigInt64Array.of(BigInt(step))),
    },
  };
}

function inputLike(name: string, { dtype, shape }: HostTensor): Tensor {
  return input(name, dtype as ElementType, shape);
}

/** x[index] */
function rowOf(x: HostTensor, index: number): HostTensor {
  const shape = x.shape.slice(1);
  const length = x.data.length / x.shape[0];
  return { ...x, shape, data: x.data.slice(index * length, (index + 1) * length) } as HostTensor;
}

function stacked(rows: readonly HostTensor[]): HostTensor {
  return float32(
    [rows.length, ...rows[0].shape],
    rows.flatMap(({ data }) => Array.from(data as Float32Array)),
  );
}

export const runners: Record<string, Runner> = {
  "optim.adam": trajectory(OPTIMISERS.adam),
  "optim.adamw": trajectory(OPTIMISERS.adamw),
  "optim.sgd": trajectory(OPTIMISERS.sgd),
  "optim.schedule": schedule,
  "optim.phases": phases,
  "optim.accumulation": accumulation,
};
