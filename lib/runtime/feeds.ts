/** Checks the values given to a program against the types of its inputs. */

import type { Program } from "../tensor/graph.ts";
import { elementCount, type HostTensor } from "../tensor/host_tensor.ts";
import { formatType, type TensorType } from "../tensor/op.ts";
import { FeedError } from "./errors.ts";

/** Values of a program's inputs or outputs by name. */
export type NamedTensors = Readonly<Record<string, HostTensor>>;

/**
 * Checks that `inputs` has a value of the right type for every input of the program except `held`, and no others.
 *
 * @throws {FeedError}
 */
export function checkFeeds(
  program: Program,
  inputs: NamedTensors,
  held: { has(name: string): boolean } = new Set(),
): void {
  for (const name of Object.keys(inputs)) {
    if (!program.inputs.has(name) || held.has(name)) {
      const known = [...program.inputs.keys()].filter((input) => !held.has(input));
      throw new FeedError(`the program has no input "${name}"; its inputs are ${known.join(", ")}`);
    }
  }
  for (const [name, number] of program.inputs) {
    if (!held.has(name)) checkFeed(name, inputs[name], program.values[number]);
  }
}

/**
 * Checks that `value` has the type of the input `name`.
 *
 * @throws {FeedError}
 */
export function checkFeed(
  name: string,
  value: HostTensor | undefined,
  type: TensorType,
): asserts value is HostTensor {
  if (!value) throw new FeedError(`the input "${name}", ${formatType(type)}, is missing`);
  if (value.dtype !== type.dtype || value.shape.join() !== type.shape.join()) {
    throw new FeedError(
      `the input "${name}" must be ${formatType(type)}, but ${value.dtype}[${value.shape}] was given`,
    );
  }
  if (value.data.length !== elementCount(type.shape)) {
    throw new FeedError(
      `the input "${name}", ${formatType(type)}, has ${elementCount(type.shape)} elements, but its data ` +
        `${value.data.length}`,
    );
  }
}
