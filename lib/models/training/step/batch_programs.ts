/** The tensor programs of training: a micro-batch's gradients, an optimiser's step, a batch's validation. */

import { accumulated, gradientName } from "../../../nn/optim/accumulation.ts";
import { type ParameterGroup, stepOf } from "../../../nn/optim/optimiser.ts";
import type { Phase } from "../../../nn/optim/phases.ts";
import { type Program, program } from "../../../tensor/graph.ts";
import type { Tensor } from "../../../tensor/op.ts";
import { input } from "../../../tensor/ops/source.ts";
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
const NEXT = "next ";

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
 */
export function gradientProgram(
  model: PrototypeModel,
  phase: Phase,
  parameters: readonly string[],
  shape: readonly number[],
  accumulate: number,
): LoopProgram {
  const state = stateInputs(model);
  const updated = new Map<string, Tensor>();
  const context = { state, training: model.movesStatistics(phase), updated };
  const { terms, logits } = model.loss(batchInputs(model, shape), phase, context);
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
  const names = groups.flatMap(({ parameters }) => parameters);
  const gradients = new Map(
    names.map((name) => [name, input(gradientName(name), "float32", state.get(name)!.shape)]),
  );
  const after = stepOf(groups, state, gradients);
  for (const [name, tensor] of model.constrain?.(phase, after) ?? []) after.set(name, tensor);
  return {
    program: program(Object.fromEntries([...after].map(([name, tensor]) => [NEXT + name, tensor]))),
    feedback: new Map([...after.keys()].map((name) => [NEXT + name, name])),
  };
}

/** The program that computes loss terms and logits of a batch of `shape` in evaluation mode. */
export function validationProgram(model: PrototypeModel, phase: Phase, shape: readonly number[]): Program {
  const context = { state: stateInputs(model), training: false, updated: new Map<string, Tensor>() };
  const { terms, logits } = model.loss(batchInputs(model, shape), phase, context);
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

function batchInputs(model: PrototypeModel, shape: readonly number[]): Batch {
  return {
    x: input(BATCH, "float32", shape),
    labels: input(LABELS, "int64", [shape[0]]),
    extra: extraTensors(model),
  };
}

function namedTerms(terms: Readonly<Record<string, Tensor>>): [string, Tensor][] {
  return Object.entries(terms).map(([name, tensor]) => [TERM + name, tensor]);
}
