/** Index arithmetic over row-major data, for shape inference and the reference interpreter. */

import { createHash } from "node:crypto";
import { arrayType, type DType, elementCount, type HostTensor } from "./host_tensor.ts";
import { Mismatch, type Values } from "./op.ts";

/** A host tensor of `dtype` with the given numbers, converted to this type. */
export function hostFrom(dtype: DType, shape: readonly number[], values: ArrayLike<number>): HostTensor {
  const data = dtype === "int64" ? BigInt64Array.from(Array.from(values, BigInt)) : arrayType(dtype).from(
    // deno-lint-ignore no-explicit-any -- the union of constructors has no common call signature
    values as any,
  );
  return { dtype, shape, data } as HostTensor;
}

/** The bytes of a tensor's data, without copying. */
export function bytesOf({ data }: HostTensor): Uint8Array<ArrayBuffer> {
  return new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
}

/** A string that is equal for tensors with equal type, shape and bits. */
export function contentKey(tensor: HostTensor): string {
  const bytes = bytesOf(tensor);
  const content = bytes.length <= 32 ? bytes.toHex() : createHash("sha256").update(bytes).digest("hex");
  return `${tensor.dtype}[${tensor.shape}]${content}`;
}

/** A value of the interpreter, filled with zeros. */
export function emptyValues(shape: readonly number[]): { shape: readonly number[]; data: Float64Array } {
  return { shape, data: new Float64Array(elementCount(shape)) };
}

/** Values of equal shape along a new first axis. */
export function stackValues(all: readonly Values[]): Values {
  const { shape, data: { length } } = all[0];
  const stacked = emptyValues([all.length, ...shape]);
  all.forEach(({ data }, i) => stacked.data.set(data, i * length));
  return stacked;
}

/** Row-major strides. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

/** Calls `visit` with every multi-index of `shape` in row-major order; the array is reused. */
export function forEachIndex(
  shape: readonly number[],
  visit: (index: readonly number[], position: number) => void,
): void {
  const count = elementCount(shape);
  const index = new Array<number>(shape.length).fill(0);
  for (let position = 0; position < count; position++) {
    visit(index, position);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
  }
}

/** Σ index·stride. */
export function offsetOf(index: readonly number[], strides: readonly number[]): number {
  let offset = 0;
  for (let axis = 0; axis < index.length; axis++) offset += index[axis] * strides[axis];
  return offset;
}

/** A function that reads, for each index of `shape`, the element of `x` that is broadcast to it. */
export function broadcastReader(x: Values, shape: readonly number[]): (index: readonly number[]) => number {
  const lead = shape.length - x.shape.length;
  const own = stridesOf(x.shape);
  const strides = shape.map((_, axis) => axis < lead || x.shape[axis - lead] === 1 ? 0 : own[axis - lead]);
  return (index) => x.data[offsetOf(index, strides)];
}

/** The shape that all `shapes` broadcast to, by numpy's rules. */
export function broadcastShapes(shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    for (let axis = 0; axis < shape.length; axis++) {
      const at = rank - shape.length + axis;
      if (shape[axis] === 1 || shape[axis] === result[at]) continue;
      if (result[at] !== 1) {
        throw new Mismatch(`the shapes ${shapes.map((s) => `[${s}]`).join(" and ")} do not broadcast`);
      }
      result[at] = shape[axis];
    }
  }
  return result;
}

/** Converts a negative axis to its number from the front. */
export function normalizeAxis(axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new Mismatch(`there is no axis ${axis} in a tensor with ${rank} axes`);
  }
  return axis < 0 ? axis + rank : axis;
}

/** The axes, numbered from the front and sorted; all axes for null. */
export function normalizeAxes(axes: readonly number[] | null, rank: number): number[] {
  if (axes === null) return Array.from({ length: rank }, (_, axis) => axis);
  const normal = axes.map((axis) => normalizeAxis(axis, rank)).sort((a, b) => a - b);
  if (new Set(normal).size !== normal.length) throw new Mismatch(`an axis occurs twice in [${axes}]`);
  return normal;
}
