/** Checks the shapes and values of metric inputs, and slices stacks. */

import type { DataOf, DType, HostTensor } from "../tensor/host_tensor.ts";
import { MetricError } from "./metric_error.ts";

/**
 * The lengths of the tensor's axes. Checks that there are as many as `axes`.
 *
 * @param what the tensor's name in error messages
 * @throws {MetricError} if the number of axes differs.
 */
export function sidesOf({ shape }: HostTensor, what: string, ...axes: string[]): number[] {
  if (shape.length !== axes.length) {
    throw new MetricError(`${what} must have the shape [${axes.join(", ")}], but [${shape}] was given`);
  }
  return [...shape];
}

/** @throws {MetricError} when the two tensors differ in shape. */
export function requireSameShape(a: HostTensor, b: HostTensor, what: string): void {
  if (a.shape.join() !== b.shape.join()) {
    throw new MetricError(`${what} must have the same shape, but have [${a.shape}] and [${b.shape}]`);
  }
}

/** @throws {MetricError} when `given` is not `expected`; `what` names the number, as in "the number of labels". */
export function requireCount(what: string, given: number, expected: number): void {
  if (given !== expected) throw new MetricError(`${what} must be ${expected}, but is ${given}`);
}

/** @throws {MetricError} if `count` is 0, so that a mean is undefined. */
export function requireSome(what: string, count: number): void {
  if (count === 0) throw new MetricError(`${what} must be at least 1, but is 0`);
}

/**
 * @throws {MetricError} if `index` is not an integer in 0 … count − 1; `what` names it, as in "label 7 of
 * image 3".
 */
export function requireIndex(what: string, index: number, count: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= count) {
    throw new MetricError(`${what} must be an integer from 0 to ${count - 1}, but is ${index}`);
  }
}

/** The `index`-th slice of a stack along its first axis, over the same memory. */
export function sliceOf<T extends DType>(
  { dtype, shape, data }: HostTensor<T>,
  index: number,
): HostTensor<T> {
  const sides = shape.slice(1);
  const length = sides.reduce((product, side) => product * side, 1);
  const slice = data.subarray(index * length, (index + 1) * length) as DataOf[T];
  return { dtype, shape: sides, data: slice };
}
