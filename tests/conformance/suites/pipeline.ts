/** Runs the cases of the suite "pipeline": whole trainings, from given weights to scores on the test set. */

import { gumbelScalar } from "../../../lib/models/prototypes/presence.ts";
import type { ProjectableModel, PrototypeModel } from "../../../lib/models/prototypes/prototype_model.ts";
import type { Means } from "../../../lib/models/training/state/epoch_record.ts";
import { Validation } from "../../../lib/models/training/loop/validation.ts";
import { BATCH, extraTensors, stateInputs } from "../../../lib/models/training/step/batch_programs.ts";
import type { TrainingBatch } from "../../../lib/models/training/step/training_batch.ts";
import { project } from "../../../lib/models/projection/project.ts";
import { runEpochs, SANITY_BATCHES } from "../../../lib/models/training/loop/run_epochs.ts";
import { type TrainingState, untrained } from "../../../lib/models/training/state/training_state.ts";
import {
  accuracy,
  macroScores,
  predictions,
  topAccuracy,
} from "../../../lib/metrics/general/classification.ts";
import { isCleared, isStep } from "../../../lib/nn/optim/accumulation.ts";
import type { Parameters } from "../../../lib/nn/parameters.ts";
import type { Phase } from "../../../lib/nn/optim/phases.ts";
import { ProgramCache } from "../../../lib/runtime/program_cache.ts";
import { elementCount, float32, type HostTensor } from "../../../lib/tensor/host_tensor.ts";
import { program } from "../../../lib/tensor/graph.ts";
import type { Tensor } from "../../../lib/tensor/op.ts";
import { input } from "../../../lib/tensor/ops/source.ts";
import { type Case, generateTensor, type Json, type Outcome, type Runner, tensorOf } from "../case.ts";
import { asVector, stateOf } from "../models/model_case.ts";
import { modelOf } from "../models/models.ts";
import { type PhasePlan, phasePlan, PHASES, ratesIn } from "../models/phase_plan.ts";
import { rowsOfBatch } from "../../models/rows_of_batch.ts";
import { withSummaries } from "../summaries.ts";
import { pushTensors } from "./projection.ts";

/** Image i of a set: the pattern of its class plus noise of its own. */
function imagesOf(testCase: Case, set: "train" | "test"): TrainingBatch {
  const labels = tensorOf(testCase, `in.${set}.target`) as HostTensor<"int64">;
  const noise = tensorOf(testCase, `in.${set}.noise`).data as Float32Array;
  const patterns = tensorOf(testCase, "in.patterns");
  const shape = patterns.shape.slice(1);
  const size = elementCount(shape);
  const values = new Float32Array(labels.data.length * size);
  labels.data.forEach((label, i) => {
    const from = Number(label) * size;
    for (let at = 0; at < size; at++) {
      values[i * size + at] = (patterns.data[from + at] as number) + noise[i * size + at];
    }
  });
  return { x: float32([labels.data.length, ...shape], values), labels };
}

/** The images `rows` for training; with a second view of each behind them where the case has one. */
function trainingBatch(testCase: Case, all: TrainingBatch, rows: readonly number[]): TrainingBatch {
  const first = rowsOfBatch(all, rows);
  const noise = testCase.tensors.get("in.train.noise2")?.data as Float32Array | undefined;
  if (!noise) return first;
  const size = elementCount(first.x.shape.slice(1));
  const values = new Float32Array(2 * first.x.data.length);
  values.set(first.x.data);
  rows.forEach((row, i) => {
    for (let at = 0; at < size; at++) {
      values[first.x.data.length + i * size + at] = first.x.data[i * size + at] + noise[row * size + at];
    }
  });
  const labels = BigInt64Array.of(...first.labels.data, ...first.labels.data);
  return {
    x: float32([2 * rows.length, ...first.x.shape.slice(1)], values),
    labels: { ...first.labels, shape: [labels.length], data: labels },
  };
}

/** The batch with the model's further inputs as they are in an epoch. */
function withExtra(
  testCase: Case,
  model: PrototypeModel,
  batch: TrainingBatch,
  { set, epoch, index }: { set: "train" | "val" | "test"; epoch: number; index: number },
): TrainingBatch {
  const { params } = testCase;
  const noise = params.gumbel &&
    generateTensor({ ...params.gumbel, name: `gumbel.${set}.${set === "test" ? 0 : epoch}.${index}` });
  return {
    ...batch,
    extra: modelOf(params.model).extra(model, { ...params, epoch, scalar: scalarOf(params, epoch) }, noise),
  };
}

/** ProtoPool's factor in an epoch; undefined for other models. */
function scalarOf({ coefs }: Json, epoch: number): number | undefined {
  if (coefs.tau_start === undefined) return undefined;
  const { tau_start: start, tau_end: end, decreasing_interval: interval } = coefs;
  return gumbelScalar(epoch, { start, end, interval });
}

function inOrder(all: TrainingBatch, size: number): TrainingBatch[] {
  const rows = Array.from(all.labels.data, (_, i) => i);
  return rows.filter((row) => row % size === 0).map((row) => rowsOfBatch(all, rows.slice(row, row + size)));
}

const train: Runner = async (testCase): Promise<Outcome> => {
  const { params } = testCase;
  const { config, coefs, model: name, batches, batch_size, eval_every_n_epochs, accumulate, img_ids } =
    params;
  const model: PrototypeModel = modelOf(name).build(config, { coefs });
  const [training, test] = [imagesOf(testCase, "train"), imagesOf(testCase, "test")];
  const plan = phasePlan(model, params, params.optimizer);
  const epochCount = PHASES.reduce((sum, phase) => sum + plan.epochs[phase], 0);
  let state: TrainingState = untrained(stateOf(testCase, model));
  let push: Record<string, HostTensor> = {};
  const firstPhase = PHASES.find((phase) => plan.epochs[phase] > 0)!;
  const sanity = new Validation(model, firstPhase);
  const heldOut = (set: "val" | "test", epoch: number) =>
    inOrder(test, batch_size).map((batch, index) => withExtra(testCase, model, batch, { set, epoch, index }));
  const untrainedScores = await sanity.run(state.model, heldOut("val", 0), SANITY_BATCHES);
  await sanity.release();
  for (const phase of PHASES) {
    if (phase === "fine_tune" && img_ids) {
      const projectable = model as ProjectableModel;
      const projected = await project(
        projectable,
        state.model,
        inOrder(training, batch_size),
        params.fidelity,
      );
      push = pushTensors(
        projectable,
        projected.sources,
        img_ids,
        name === "protomask" ? undefined : config.input_size[2] / 32,
      );
      state = { ...state, model: projected.state };
    }
    const before = epochsBefore(plan, phase);
    const names = model.groups(phase).map((group) => group.name);
    // Epoch by epoch, which must not make a difference.
    for (let epoch = 0; epoch < plan.epochs[phase]; epoch++) {
      state = await runEpochs(state, {
        model,
        phase,
        epochs: 1,
        rates(within) {
          const rates = ratesIn(plan, phase, within);
          return Object.fromEntries(names.map((group, i) => [group, rates[i]]));
        },
        accumulate,
        validateEvery: eval_every_n_epochs,
        fidelity: { left_over_gradients: params.fidelity, sanity_check: params.fidelity },
        train: (number) =>
          batches[number].map((rows: number[], index: number) =>
            withExtra(testCase, model, trainingBatch(testCase, training, rows), {
              set: "train",
              epoch: number,
              index,
            })
          ),
        validation: () => heldOut("val", before + epoch),
      });
    }
  }
  const tensors: Record<string, HostTensor> = {};
  const curve = (of: string, all: readonly (Means | undefined)[]) => {
    const known = all.filter((means) => means !== undefined);
    for (const key of new Set(known.flatMap((means) => Object.keys(means)))) {
      tensors[`out.${of}.${key}`] = float32([known.length], known.map((means) => means[key] ?? -1));
    }
  };
  curve("train", state.history.map((record) => record.train));
  curve("val", state.history.map((record) => record.validation));
  for (const [key, value] of state.model) tensors[`out.final.${key}`] = asVector(value);
  for (const [key, value] of Object.entries(push)) tensors[`out.push.${key}`] = value;
  Object.assign(tensors, await testScores(model, state, test, heldOut("test", epochCount - 1)));
  return {
    tensors: withSummaries(testCase, tensors),
    values: {
      epochs: epochsOf(model, state, params),
      saved_in_sanity_check: untrainedScores.accuracy > 0,
    },
  };
};

function epochsBefore({ epochs }: PhasePlan, phase: Phase): number {
  return PHASES.slice(0, PHASES.indexOf(phase)).reduce((total, earlier) => total + epochs[earlier], 0);
}

/** Predictions for the test set and their class-balanced scores in percent. */
async function testScores(
  model: PrototypeModel,
  state: TrainingState,
  test: TrainingBatch,
  batches: readonly TrainingBatch[],
) {
  const logits = await predictionsOf(model, state.model, batches);
  const labels = Array.from(test.labels.data, Number);
  const given = predictions(logits, labels, true);
  const { precision, recall, f1 } = macroScores(given);
  const scores = {
    accuracy: accuracy(given),
    precision,
    recall,
    f1_score: f1,
    top3_accuracy: topAccuracy(given, 3),
  };
  const percent = Object.entries(scores).map((
    [key, value],
  ) => [`out.test.${key}`, float32([1], [100 * value])]);
  return { "out.test.logits": logits, ...Object.fromEntries(percent) };
}

/** The logits [N, classes] of all images of `batches`, in order, as an evaluation computes them. */
async function predictionsOf(
  model: PrototypeModel,
  state: Parameters,
  batches: readonly TrainingBatch[],
): Promise<HostTensor<"float32">> {
  const programs = new ProgramCache({});
  const context = { state: stateInputs(model), training: false, updated: new Map<string, Tensor>() };
  const rows: number[] = [];
  for (const { x, extra } of batches) {
    const { logits } = await programs.run(
      x.shape.join(),
      () => {
        const { logits } = model.explain(input(BATCH, "float32", x.shape), context, extraTensors(model));
        return program({ logits });
      },
      { ...extra, [BATCH]: x },
      state,
    );
    rows.push(...logits.data as Float32Array);
  }
  await programs.release();
  return float32([rows.length / model.classes, model.classes], rows);
}

/** What each epoch was, and which gradients waited at its beginning. */
function epochsOf(model: PrototypeModel, { history }: TrainingState, params: Json): Json[] {
  const waiting = new Set<string>();
  return history.map(({ phase, rates, validation, saved }, epoch) => {
    const left = model.specs.map(({ name }) => name).filter((name) =>
      waiting.has(name) && !name.startsWith("backbone.")
    );
    const moved = model.groups(phase).flatMap(({ parameters }) => parameters);
    params.batches[epoch].forEach((_: number[], index: number) => {
      for (const name of model.gradients(phase)) waiting.add(name);
      if (isStep(index, params.accumulate)) { for (const name of moved) waiting.delete(name); }
    });
    if (isCleared(epoch, params.eval_every_n_epochs)) waiting.clear();
    return {
      epoch,
      phase,
      lr: Object.values(rates),
      validated: validation !== undefined,
      saved: saved ? `best_${phase}` : false,
      gradients_left_outside_backbone: left,
      scalar: scalarOf(params, epoch),
    };
  });
}

export const runners: Record<string, Runner> = { "pipeline.train": train };
