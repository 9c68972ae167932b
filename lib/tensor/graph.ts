/**
 * A tensor program: named inputs, named outputs and the nodes between them. Equal nodes are merged and unused
 * nodes removed.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { interpret } from "./interpret.ts";
 * import { gradients } from "./grad.ts";
 * import { program } from "./graph.ts";
 * import { float32 } from "./host_tensor.ts";
 * import { input } from "./ops/source.ts";
 * import { square } from "./ops/elementwise.ts";
 * import { sum } from "./ops/broadcast.ts";
 *
 * const x = input("x", "float32", [2, 3]);
 * const loss = sum(square(x));
 * const [gradient] = gradients(loss, [x]);
 * const p = program({ loss, gradient });
 * const { loss: value } = interpret(p, { x: float32([2, 3], [1, 2, 3, 4, 5, 6]) });
 * assert.deepEqual([...value.data], [91]);
 * ```
 */

import {
  type Attributes,
  GraphError,
  type Node,
  type Program,
  type Step,
  type Tensor,
  type TensorType,
} from "./op.ts";
import { formatType } from "./op.ts";
import type { HostTensor } from "./host_tensor.ts";
import { contentKey } from "./values.ts";
import { type InputAttributes, inputOp } from "./ops/source.ts";

export type { Program, Step };

/**
 * Creates the program that computes `outputs`.
 *
 * @throws {GraphError} if two inputs with the same name differ in type, an output has the name of an input,
 * or there is no output.
 */
export function program(outputs: Readonly<Record<string, Tensor>>): Program {
  if (Object.keys(outputs).length === 0) throw new GraphError("a program needs at least one output");
  const values: TensorType[] = [];
  const inputs = new Map<string, number>();
  const steps: Step[] = [];
  const numbers = new Map<Tensor, number>();
  const merged = new Map<string, readonly number[]>();
  const numberOf = (tensor: Tensor) => numbers.get(resolve(tensor))!;
  const makeValues = (types: readonly TensorType[]) =>
    types.map(({ dtype, shape }) => values.push({ dtype, shape }) - 1);

  for (const node of reachable(Object.values(outputs))) {
    let made: readonly number[];
    if (node.op === inputOp) {
      const { name } = node.attributes as InputAttributes;
      const known = inputs.get(name);
      if (known !== undefined && formatType(values[known]) !== formatType(node.outputs[0])) {
        throw new GraphError(
          `the input "${name}" is declared as ${formatType(values[known])} and as ${
            formatType(node.outputs[0])
          }`,
        );
      }
      made = known === undefined ? makeValues(node.outputs) : [known];
      inputs.set(name, made[0]);
    } else {
      const from = node.inputs.map(numberOf);
      const key = `${node.op.name} ${from} ${attributesKey(node.attributes)}`;
      const known = merged.get(key);
      made = known ?? makeValues(node.outputs);
      if (!known) {
        merged.set(key, made);
        steps.push({
          op: node.op,
          inputs: from,
          outputs: made,
          attributes: node.attributes,
          label: node.label,
        });
      }
    }
    node.outputs.forEach((tensor, i) => numbers.set(tensor, made[i]));
  }
  for (const name of Object.keys(outputs)) {
    if (inputs.has(name)) throw new GraphError(`"${name}" names both an input and an output of a program`);
  }
  const named = Object.entries(outputs).map(([name, tensor]) => [name, numberOf(tensor)] as const);
  return { values, inputs, outputs: new Map(named), steps };
}

/** The tensor itself or, for an output of a composite, the tensor of the subgraph that replaces it. */
function resolve(tensor: Tensor): Tensor {
  while (tensor.node.lowered) tensor = tensor.node.lowered[tensor.index];
  return tensor;
}

/** The nodes that `outputs` need, with composites replaced; inputs come before their users. */
function reachable(outputs: readonly Tensor[]): Node[] {
  const found = new Set<Node>();
  const pending = outputs.map((tensor) => resolve(tensor).node);
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (found.has(node)) continue;
    found.add(node);
    for (const tensor of node.inputs) pending.push(resolve(tensor).node);
  }
  return [...found].sort((a, b) => a.id - b.id);
}

/** A string that is equal for equal attributes: keys sorted, values serialised. */
export function attributesKey(attributes: Attributes): string {
  const entries = Object.entries(attributes).sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0);
  return entries.map(([name, value]) => `${name}=${valueKey(value)}`).join(" ");
}

function valueKey(value: unknown): string {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (isHostTensor(value)) return contentKey(value);
  if (isProgram(value)) return programKey(value);
  return JSON.stringify(value);
}

/** A string that is equal for programs that compute the same in the same steps. */
function programKey({ values, inputs, outputs, steps }: Program): string {
  const written = steps.map(({ op, inputs, outputs, attributes, part = "" }) =>
    `${op.name} ${inputs}>${outputs} ${part} ${attributesKey(attributes)}`
  );
  return JSON.stringify([values.map(formatType), [...inputs], [...outputs], written]);
}

function isProgram(value: unknown): value is Program {
  return typeof value === "object" && value !== null && "steps" in value && "outputs" in value;
}

function isHostTensor(value: unknown): value is HostTensor {
  return typeof value === "object" && value !== null && "data" in value && "dtype" in value;
}
