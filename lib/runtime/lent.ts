/** Values that runs of a program borrow: they stay where the runtime keeps them. */

import type * as ort from "onnxruntime-node";
import type { Program } from "../tensor/graph.ts";
import { formatType, type TensorType } from "../tensor/op.ts";
import { FeedError } from "./errors.ts";

/** Values by name in the memory of a runtime; their type is private to that runtime. */
export type Loan = ReadonlyMap<string, unknown>;

/** Values in the memory of a device, for use by the programs that run on it. */
export type OrtLoan = ReadonlyMap<string, ort.Tensor>;

/**
 * The inputs of the program found in `loans`; other values are ignored.
 *
 * @throws {FeedError} if one has another type than the input.
 */
export function lentInputs({ inputs, values }: Program, loans: readonly OrtLoan[]): Map<string, ort.Tensor> {
  const lent = new Map<string, ort.Tensor>();
  for (const loan of loans) {
    for (const [name, tensor] of loan) {
      const number = inputs.get(name);
      if (number === undefined) continue;
      const [given, type] = [typeOf(tensor), values[number]];
      if (given.dtype !== type.dtype || !isSameShape(given.shape, type.shape)) {
        throw new FeedError(
          `the input "${name}" must be ${formatType(type)}, but ${formatType(given)} was lent`,
        );
      }
      lent.set(name, tensor);
    }
  }
  return lent;
}

/** The type of a tensor of onnxruntime. */
export function typeOf({ type, dims }: ort.Tensor): TensorType {
  return { dtype: type as TensorType["dtype"], shape: dims };
}

function isSameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}
