/** The tensor programs of training: a micro-batch's gradients, an optimiser's step, a batch's validation. */

import { accumulated, gradientName } from "../../../nn/optim/accumulation.ts";
import { type ParameterGroup, stepOf } from "../../../nn/optim/optimiser.ts";
import type { Phase } from "../../../nn/optim/phases.ts";
import { type Program, program } from "../../../tensor/graph.ts";
import { float32 } from "../../../tensor/host_tensor.ts";
import type { Tensor } from "../../../tensor/op.ts";
import { mul, sub } from "../../../tensor/ops/arithmetic.ts";
import { cast } from "../../../tensor/ops/elementwise.ts";
import { constant, input } from "../../../tensor/ops/source.ts";
import { type ColorStatistics, normalizingFactors } from "../../../vision/normalize.ts";
import type { Batch, PrototypeModel } from "../../prototypes/prototype_model.ts";

/** A program and its feedback: for each output that the next run reads, the input that receives it. */
export interface LoopProgram {
  readonly program: Program;
  readonly feedback: ReadonlyMap<string, string>;
}

/** The input with the images or views of a batch. */
export const BATCH = "x";
/** The input with the class of every image, int64 [N]. */
export const LABELS = "labels";
/** The output with the logits, [N, classes]. */
export const LOGITS = "logits";
const TERM = "term ";
/** Begins the name of an output that is fed back to the input with the rest of the name. */
export const NEXT = "next ";

/** The loss terms among a program's outputs, with their names. */
export function termsAmong<T>(outputs: Readonly<Record<string, T>>): [name: string, value: T][] {
  return Object.entries(outputs).filter(([name]) => name.startsWith(TERM)).map(([name, value]) => [
    name.slice(TERM.length),
    value,
  ]);
}

/**
 * The program for a micro-batch of `shape`: computes loss, logits, the gradients added to those of earlier
 * micro-batches, and the new running statistics. Gradients and statistics are fed back; parameters are plain
 * inputs.
 *
 * @param colors how to normalise the batch, where it has levels 0 … 255
 */
export function gradientProgram(
  model: PrototypeModel,
  phase: Phase,
  parameters: readonly string[],
  shape: readonly number[],
  accumulate: number,
  colors?: ColorStatistics,
): LoopProgram {
  const state = stateInputs(model);
  const updated = new Map<string, Tensor>();
  const context = { state, training: model.movesStatistics(phase), updated };
  const { terms, logits } = model.loss(batchInputs(model, shape, colors), phase, context);
  const moved = new Map(parameters.map((name) => [name, state.get(name)!]));
  const outputs = new Map<string, Tensor>([...namedTerms(terms), [LOGITS, logits]]);
  const feedback = new Map<string, string>();
  const feed = (name: string, tensor: Tensor) => {
    outputs.set(NEXT + name, tensor);
    feedback.set(NEXT + name, name);
  };
  for (const [name, sum] of accumulated(terms.loss, moved, accumulate)) feed(gradientName(name), sum);
  for (const [name, tensor] of updated) feed(name, tensor);
  return { program: program(Object.fromEntries(outputs)), feedback };
}

/**
 * The program for one step of every group: applies the accumulated gradients, then the model's constraints.
 * Parameters and the optimiser's state are fed back.
 */
export function stepProgram(
  model: PrototypeModel,
  phase: Phase,
  groups: readonly ParameterGroup[],
): LoopProgram {
  const state = stateInputs(model);
  const after = steppedState(
    model,
    phase,
    groups,
    (name) => input(gradientName(name), "float32", state.get(name)!.shape),
  );
  return {
    program: program(Object.fromEntries([...after].map(([name, tensor]) => [NEXT + name, tensor]))),
    feedback: new Map([...after.keys()].map((name) => [NEXT + name, name])),
  };
}

/** Parameters and the optimiser's state after one step of every group, by name; the state before are program inputs. */
export function steppedState(
  model: PrototypeModel,
  phase: Phase,
  groups: readonly ParameterGroup[],
  gradientOf: (parameter: string) => Tensor,
): Map<string, Tensor> {
  const state = stateInputs(model);
  const names = groups.flatMap(({ parameters }) => parameters);
  const after = stepOf(groups, state, new Map(names.map((name) => [name, gradientOf(name)])));
  for (const [name, tensor] of model.constrain?.(phase, after) ?? []) after.set(name, tensor);
  return after;
}

/**
 * The program that computes loss terms and logits of a batch of `shape` in evaluation mode.
 *
 * @param colors how to normalise the batch, where it has levels 0 … 255
 */
export function validationProgram(
  model: PrototypeModel,
  phase: Phase,
  shape: readonly number[],
  colors?: ColorStatistics,
): Program {
  const context = { state: stateInputs(model), training: false, updated: new Map<string, Tensor>() };
  const { terms, logits } = model.loss(batchInputs(model, shape, colors), phase, context);
  return program(Object.fromEntries([...namedTerms(terms), [LOGITS, logits]]));
}

/** Program inputs for every tensor of the model's state, by name. */
export function stateInputs({ specs }: PrototypeModel): Map<string, Tensor> {
  return new Map(specs.map(({ name, dtype, shape }) => [name, input(name, dtype, shape)]));
}

/** Program inputs for a model's extra inputs, by name. */
export function extraTensors({ extraInputs }: PrototypeModel): Map<string, Tensor> {
  return new Map(extraInputs.map(({ name, dtype, shape }) => [name, input(name, dtype, shape)]));
}

function batchInputs(model: PrototypeModel, shape: readonly number[], colors?: ColorStatistics): Batch {
  return {
    x: colors ? normalised(input(BATCH, "uint8", shape), colors) : input(BATCH, "float32", shape),
    labels: input(LABELS, "int64", [shape[0]]),
    extra: extraTensors(model),
  };
}

/** Levels [..., 3, H, W] as float32, with the same bits as the tables of `normalizeTables`. */
function normalised(levels: Tensor, colors: ColorStatistics): Tensor {
  const factors = normalizingFactors(colors);
  const channels = (values: readonly number[]) => constant(float32([3, 1, 1], values));
  const centred = sub(cast(levels, "float32"), channels(factors.map(({ center }) => center)));
  return mul(centred, channels(factors.map(({ factor }) => factor)));
}

function namedTerms(terms: Readonly<Record<string, Tensor>>): [string, Tensor][] {
  return Object.entries(terms).map(([name, tensor]) => [TERM + name, tensor]);
}
