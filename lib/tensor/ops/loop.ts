/** A program that runs several times within another one, and keeps what it carries from turn to turn where it is computed. */

import type { Program, Step } from "../graph.ts";
import { elementCount, hostTensor, int64 } from "../host_tensor.ts";
import {
  apply,
  checked,
  defineOp,
  type Emitter,
  formatType,
  Mismatch,
  type Tensor,
  type TensorType,
} from "../op.ts";
import { stackValues } from "../values.ts";

/** The node's inputs are the first values of what is carried, then what is scanned, then what is fixed. */
export interface LoopAttributes {
  readonly body: Program;
  readonly turns: number;
  /** Of the body, an output and the input that receives it in the next turn. */
  readonly carried: readonly (readonly [output: string, input: string])[];
  readonly scanned: readonly string[];
  readonly fixed: readonly string[];
}

/** The body's outputs that are not carried. */
export function stackedOutputs({ body, carried }: LoopAttributes): string[] {
  const fedBack = new Set(carried.map(([output]) => output));
  return [...body.outputs.keys()].filter((name) => !fedBack.has(name));
}

function inputNames({ carried, scanned, fixed }: LoopAttributes): string[] {
  return [...carried.map(([, input]) => input), ...scanned, ...fixed];
}

/** The body's inputs in one turn by name: of what is scanned, what `slice` makes of it. */
export function inputsOfTurn<T>(
  attributes: LoopAttributes,
  given: readonly T[],
  slice: (all: T) => T,
): Map<string, T> {
  const { carried, scanned } = attributes;
  return new Map(
    inputNames(attributes).map((name, i) => {
      const isScanned = i >= carried.length && i < carried.length + scanned.length;
      return [name, isScanned ? slice(given[i]) : given[i]];
    }),
  );
}

/** Checks the values of the body's inputs, which `given` has in the order of the node's inputs. */
function checkTypes(given: readonly TensorType[], attributes: LoopAttributes): void {
  const { body: { values, inputs, outputs }, turns, carried } = attributes;
  const isSlice = inputsOfTurn(attributes, given.map(() => false), () => true);
  [...isSlice].forEach(([name, isScanned], i) => {
    const { dtype, shape } = values[inputs.get(name)!];
    const wanted = formatType({ dtype, shape: isScanned ? [turns, ...shape] : shape });
    if (formatType(given[i]) === wanted) return;
    throw new Mismatch(`the body's input "${name}" must be ${wanted}, not ${formatType(given[i])}`);
  });
  for (const [output, input] of carried) {
    const [from, to] = [values[outputs.get(output)!], values[inputs.get(input)!]].map(formatType);
    if (from !== to) {
      throw new Mismatch(`the output "${output}", ${from}, can't be carried to "${input}", ${to}`);
    }
  }
}

const GO_ON = hostTensor("bool", [], Uint8Array.of(1));

const loopOp = defineOp<LoopAttributes>({
  name: "loop",
  infer(_, attributes) {
    const { body, turns, carried } = attributes;
    const typeOf = (output: string) => body.values[body.outputs.get(output)!];
    return [
      ...carried.map(([output]) => typeOf(output)),
      ...stackedOutputs(attributes).map(typeOf).map(({ dtype, shape }) => ({
        dtype,
        shape: [turns, ...shape],
      })),
    ];
  },
  interpret(inputs, attributes, _, run) {
    const { body, turns, carried } = attributes;
    let given = inputs;
    const results = Array.from({ length: turns }, (_, turn) => {
      const values = inputsOfTurn(attributes, given, ({ shape: [, ...shape], data }) => {
        const size = elementCount(shape);
        return { shape, data: data.slice(turn * size, (turn + 1) * size) };
      });
      const result = run(body, Object.fromEntries(values));
      given = [...carried.map(([output]) => result[output]), ...inputs.slice(carried.length)];
      return result;
    });
    const stacked = stackedOutputs(attributes).map((name) => stackValues(results.map((all) => all[name])));
    return [...given.slice(0, carried.length), ...stacked];
  },
  emit(to, { inputs, outputs, attributes, inputTypes }) {
    const { turns, carried } = attributes;
    const [turn, goOn] = [to.fresh(), to.fresh()];
    const held = carried.map((_, i) => ({ name: to.fresh(), ...inputTypes[i] }));
    const body = to.graph(
      "body",
      [{ name: turn, dtype: "int64", shape: [] }, { name: goOn, dtype: "bool", shape: [] }, ...held],
      () => [
        { name: goOn, dtype: "bool", shape: [] },
        ...writeTurn(to, turn, [...held.map(({ name }) => name), ...inputs.slice(held.length)], attributes),
      ],
    );
    const first = [to.constant(int64([], [turns])), to.constant(GO_ON), ...inputs.slice(0, held.length)];
    // Every output of a body is one of the node, also one that is not read.
    to.node("Loop", first, outputs.map((name) => name === "" ? to.fresh() : name), { body });
  },
});

/** Writes the body for one turn, and returns its outputs in the order of the node's. */
function writeTurn(to: Emitter, turn: string, inputs: readonly string[], attributes: LoopAttributes) {
  const { body, carried } = attributes;
  const given = inputsOfTurn(attributes, inputs, (all) => {
    const slice = to.fresh();
    to.node("Gather", [all, turn], [slice], { axis: 0 });
    return slice;
  });
  const made = to.inline(body, given);
  return [...carried.map(([output]) => output), ...stackedOutputs(attributes)].map((name) => {
    return { name: made.get(name)!, ...body.values[body.outputs.get(name)!] };
  });
}

export interface LoopOptions {
  readonly turns: number;
  /** For each output of the body that is carried to the next turn, the input that receives it. */
  readonly feedback: ReadonlyMap<string, string>;
  /** The body's inputs that get another slice in each turn: their values have the turns as first axis. */
  readonly scanned: { has(name: string): boolean };
  /** The values of all inputs of the body; of those that are fed back, in the first turn. Others are ignored. */
  readonly inputs: ReadonlyMap<string, Tensor>;
}

/**
 * Runs `body` `turns` times, one turn after the other; the gradient of the result is not defined.
 *
 * @returns the body's outputs by name: of the last turn, if they are fed back, else of all turns along a new first axis
 * @throws {GraphError} if an input has no value or one of another type, or an output is fed back to another type.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { program } from "../graph.ts";
 * import { float32 } from "../host_tensor.ts";
 * import { interpret } from "../interpret.ts";
 * import { add } from "./arithmetic.ts";
 * import { loop } from "./loop.ts";
 * import { input, zeros } from "./source.ts";
 *
 * const body = program({ next: add(input("sum", "float32", []), input("x", "float32", [])) });
 * const all = loop(body, {
 *   turns: 3,
 *   feedback: new Map([["next", "sum"]]),
 *   scanned: new Set(["x"]),
 *   inputs: new Map([["sum", zeros([])], ["x", input("x", "float32", [3])]]),
 * });
 * const { sum } = interpret(program({ sum: all.get("next")! }), { x: float32([3], [1, 2, 3]) });
 * assert.equal(sum.data[0], 6);
 * ```
 */
export function loop(body: Program, { turns, feedback, scanned, inputs }: LoopOptions): Map<string, Tensor> {
  const fedBack = new Set(feedback.values());
  const others = [...body.inputs.keys()].filter((name) => !fedBack.has(name));
  const attributes: LoopAttributes = {
    body,
    turns,
    carried: [...feedback],
    scanned: others.filter((name) => scanned.has(name)),
    fixed: others.filter((name) => !scanned.has(name)),
  };
  return checked("loop", [], { turns }, () => {
    if (!Number.isInteger(turns) || turns < 1) {
      throw new Mismatch("the number of turns must be a positive integer");
    }
    for (const [output, input] of feedback) {
      if (!body.outputs.has(output)) throw new Mismatch(`the body has no output "${output}" to carry`);
      if (!body.inputs.has(input)) {
        throw new Mismatch(`the body has no input "${input}" to carry "${output}" to`);
      }
    }
    const given = inputNames(attributes).map((name) => {
      const tensor = inputs.get(name);
      if (!tensor) throw new Mismatch(`the body's input "${name}" has no value`);
      return tensor;
    });
    checkTypes(given, attributes);
    const results = apply(loopOp, given, attributes);
    const names = [...feedback.keys(), ...stackedOutputs(attributes)];
    return new Map(names.map((name, i) => [name, results[i]]));
  });
}

/** The program within a step, and how often the step runs it. */
export function loopOf({ op, attributes }: Step): Pick<LoopAttributes, "body" | "turns"> | undefined {
  return op.name === loopOp.name ? attributes as LoopAttributes : undefined;
}
