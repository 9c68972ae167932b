/** Optimisers: update rules over the tensor program, for groups of parameters with their own state. */

import { float32, type HostTensor } from "../../tensor/host_tensor.ts";
import { GraphError, labelled, type Tensor, type TensorType } from "../../tensor/op.ts";
import { input } from "../../tensor/ops/source.ts";
import { zerosOf } from "../parameters.ts";

/** An update rule for one parameter. */
export interface Optimiser {
  /**
   * PyTorch's names of the state tensors of each parameter. They have the parameter's shape and are initially
   * zero.
   */
  readonly state: readonly string[];
  /** PyTorch's names of the scalar inputs of a step. */
  readonly scalars: readonly string[];
  /**
   * The values of `scalars`, in float64.
   *
   * @param lr the learning rate
   * @param step the step count, 1 in a parameter's first step
   */
  scalarValues(lr: number, step: number): readonly number[];
  update(
    parameter: Tensor,
    gradient: Tensor,
    state: Readonly<Record<string, Tensor>>,
    scalars: Readonly<Record<string, Tensor>>,
  ): Update;
}

/** A parameter and its state after a step. */
export interface Update {
  readonly parameter: Tensor;
  readonly state: Readonly<Record<string, Tensor>>;
}

/** Parameters with a common update rule, learning rate and step count. */
export interface ParameterGroup {
  /** A unique name; part of the names of the group's program inputs. */
  readonly name: string;
  readonly parameters: readonly string[];
  readonly optimiser: Optimiser;
}

/** The name, in programs and checkpoints, of a state tensor of a parameter: `exp_avg.fc.weight`. */
export function stateName(state: string, parameter: string): string {
  return `${state}.${parameter}`;
}

/**
 * Adds one step of every group to a program. Besides `parameters` and `gradients`, it reads the state, by
 * {@link stateName}, and the scalars of {@link scalarInputs} as program inputs.
 *
 * @returns the new values of all parameters of the groups and of their optimiser state, by name. Parameters
 * in no group are unchanged and not returned.
 * @throws {GraphError} if a parameter is unknown, has no gradient or is in two groups.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { gradients } from "../../tensor/grad.ts";
 * import { program } from "../../tensor/graph.ts";
 * import { float32 } from "../../tensor/host_tensor.ts";
 * import { interpret } from "../../tensor/interpret.ts";
 * import { sum } from "../../tensor/ops/broadcast.ts";
 * import { square } from "../../tensor/ops/elementwise.ts";
 * import { input } from "../../tensor/ops/source.ts";
 * import { scalarInputs, stepOf } from "./optimiser.ts";
 * import { sgd } from "./sgd.ts";
 *
 * const w = input("w", "float32", [2]);
 * const [gradient] = gradients(sum(square(w)), [w]);
 * const group = { name: "all", parameters: ["w"], optimiser: sgd() };
 * const after = stepOf([group], new Map([["w", w]]), new Map([["w", gradient]]));
 * const step = program({ after: after.get("w")! });
 * const { after: value } = interpret(step, {
 *   w: float32([2], [1, 2]),
 *   ...Object.fromEntries(scalarInputs(group, 0.25, 1)),
 * });
 * assert.deepEqual([...value.data], [0.5, 1]); // w − 0.25 · 2w
 * ```
 */
export function stepOf(
  groups: readonly ParameterGroup[],
  parameters: ReadonlyMap<string, Tensor>,
  gradients: ReadonlyMap<string, Tensor>,
): Map<string, Tensor> {
  const after = new Map<string, Tensor>();
  for (const { name: group, parameters: names, optimiser } of groups) {
    const scalars = named(optimiser.scalars, (scalar) => input(scalarName(group, scalar), "float32", []));
    for (const name of names) {
      const [parameter, gradient] = [parameters.get(name), gradients.get(name)];
      if (!parameter) {
        throw new GraphError(`the group "${group}" names the parameter "${name}", which does not exist`);
      }
      if (!gradient) {
        throw new GraphError(
          `the parameter "${name}" of the group "${group}" has no gradient; remove it from the group`,
        );
      }
      if (after.has(name)) {
        throw new GraphError(`the parameter "${name}" is in two groups, one of them "${group}"`);
      }
      const state = named(optimiser.state, (key) => input(stateName(key, name), "float32", parameter.shape));
      const next = labelled(
        `step ${name}`,
        () => optimiser.update(parameter, gradient, state, scalars),
      );
      after.set(name, next.parameter);
      for (const key of optimiser.state) after.set(stateName(key, name), next.state[key]);
    }
  }
  return after;
}

/** The state before the first step, by {@link stateName}. */
export function initialState(
  groups: readonly ParameterGroup[],
  parameters: ReadonlyMap<string, Pick<TensorType, "shape">>,
): Map<string, HostTensor<"float32">> {
  const state = new Map<string, HostTensor<"float32">>();
  for (const { name: group, parameters: names, optimiser } of groups) {
    for (const name of names) {
      const parameter = parameters.get(name);
      if (!parameter) {
        throw new RangeError(`the group "${group}" names the parameter "${name}", which does not exist`);
      }
      for (const key of optimiser.state) state.set(stateName(key, name), zerosOf(parameter.shape));
    }
  }
  return state;
}

/**
 * The scalar inputs of a step of `group`. They are inputs so that a new learning rate needs no new program.
 *
 * @param lr the learning rate
 * @param step the step count, 1 in the group's first step
 */
export function scalarInputs(
  { name, optimiser }: ParameterGroup,
  lr: number,
  step: number,
): Map<string, HostTensor<"float32">> {
  if (!Number.isSafeInteger(step) || step < 1) {
    throw new RangeError(`the step count must be at least 1, but is ${step}`);
  }
  const values = optimiser.scalarValues(lr, step);
  return new Map(optimiser.scalars.map((scalar, i) => [scalarName(name, scalar), float32([], [values[i]])]));
}

function scalarName(group: string, scalar: string): string {
  return `${scalar}@${group}`;
}

function named<T>(names: readonly string[], make: (name: string) => T): Record<string, T> {
  return Object.fromEntries(names.map((name) => [name, make(name)]));
}
