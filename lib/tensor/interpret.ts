/** The reference interpreter: evaluates a program step by step with plain loops in float64. */

import { elementCount, type HostTensor } from "./host_tensor.ts";
import type { Program } from "./graph.ts";
import { formatType, type Values } from "./op.ts";
import { hostFrom } from "./values.ts";

/**
 * Interprets `program` in float64.
 *
 * @param inputs a value of the right shape for every input
 * @returns the outputs by name, not rounded to the program's types
 * @throws {TypeError} if an input is missing or has the wrong shape.
 */
export function interpretValues(
  program: Program,
  inputs: Readonly<Record<string, Values>>,
): Record<string, Values> {
  const values = new Array<Values>(program.values.length);
  for (const [name, number] of program.inputs) {
    const given = inputs[name];
    const type = program.values[number];
    if (given?.shape.join() !== type.shape.join() || given.data.length !== elementCount(type.shape)) {
      throw new TypeError(
        `input "${name}" must be ${formatType(type)}, but ${
          given ? `shape [${given.shape}]` : "nothing"
        } was given`,
      );
    }
    values[number] = given;
  }
  for (const { op, inputs: from, outputs, attributes } of program.steps) {
    const types = outputs.map((number) => program.values[number]);
    const results = op.interpret!(from.map((number) => values[number]), attributes, types, interpretValues);
    outputs.forEach((number, i) => values[number] = results[i]);
  }
  return Object.fromEntries([...program.outputs].map(([name, number]) => [name, values[number]]));
}

/** Like {@link interpretValues}, but with host tensors: the outputs are rounded to the program's types. */
export function interpret(
  program: Program,
  inputs: Readonly<Record<string, HostTensor>>,
): Record<string, HostTensor> {
  const given = Object.entries(inputs).map(([name, { shape, data }]) =>
    [name, { shape, data: Float64Array.from(data, Number) }] as const
  );
  const results = interpretValues(program, Object.fromEntries(given));
  return Object.fromEntries(
    Object.entries(results).map(([name, { shape, data }]) => {
      const { dtype } = program.values[program.outputs.get(name)!];
      return [name, hostFrom(dtype, shape, data)];
    }),
  );
}
