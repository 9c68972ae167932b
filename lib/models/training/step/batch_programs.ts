/** The tensor programs of training: a micro-batch's gradients, an optimiser's step, a batch's validation. */

import { accumulated, gradientName } from "../../../nn/optim/accumulation.ts";
import { type ParameterGroup, stepOf } from "../../../nn/optim/optimiser.ts";
import type { Phase } from "../../../nn/optim/phases.ts";
import { type Program, program } from "../../../tensor/graph.ts";
import type { Tensor } from "../../../tensor/op.ts";
import { input } from "../../../tensor/ops/source.ts";
import type { Batch, PrototypeModel } from "../../prototypes/prototype_model.ts";

/** A program and, for every output that the next run takes as an input, that input. */
export interface LoopProgram {
  readonly program: Program;
  readonly feedback: ReadonlyMap<string, string>;
}

/** Input: the images or views of a batch. */
export const BATCH = "x";
/** Input: int64 [N], the class of every image. */
export const LABELS = "labels";
/** Output: [N, classes]. */
export const LOGITS = "logits";
const TERM = "term ";
const NEXT = "next ";

/** The loss terms among a program's outputs, by their names. */
export function termsAmong<T>(outputs: Readonly<Record<string, T>>): [name: string, value: T][] {
  return Object.entries(outputs).filter(([name]) => name.startsWith(TERM)).map(([name, value]) => [
    name.slice(TERM.length),
    value,
  ]);
}

/**
 * Loss, logits, the gradients with those of earlier micro-batches, and the running statistics after a micro-batch of
 * `shape`. Gradients and statistics are fed back; parameters are plain inputs.
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
 * One step of every group from the accumulated gradients, followed by the model's constraints; parameters and the
 * optimiser's state are fed back.
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

/** Loss terms and logits of a batch of `shape` in evaluation mode. */
export function validationProgram(model: PrototypeModel, phase: Phase, shape: readonly number[]): Program {
  const context = { state: stateInputs(model), training: false, updated: new Map<string, Tensor>() };
  const { terms, logits } = model.loss(batchInputs(model, shape), phase, context);
  return program(Object.fromEntries([...namedTerms(terms), [LOGITS, logits]]));
}

/** The logits of a batch of `shape` in evaluation mode. */
export function predictionProgram(model: PrototypeModel, shape: readonly number[]): Program {
  const context = { state: stateInputs(model), training: false, updated: new Map<string, Tensor>() };
  const { x, extra } = batchInputs(model, shape);
  return program({ [LOGITS]: model.predict(x, context, extra) });
}

/** A program input for every tensor of the model's state, under its name. */
export function stateInputs({ specs }: PrototypeModel): Map<string, Tensor> {
  return new Map(specs.map(({ name, dtype, shape }) => [name, input(name, dtype, shape)]));
}

function batchInputs({ extraInputs }: PrototypeModel, shape: readonly number[]): Batch {
  return {
    x: input(BATCH, "float32", shape),
    labels: input(LABELS, "int64", [shape[0]]),
    extra: new Map(extraInputs.map(({ name, dtype, shape }) => [name, input(name, dtype, shape)])),
  };
}

function namedTerms(terms: Readonly<Record<string, Tensor>>): [string, Tensor][] {
  return Object.entries(terms).map(([name, tensor]) => [TERM + name, tensor]);
}
