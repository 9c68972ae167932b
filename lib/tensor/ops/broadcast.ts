/** Broadcasting and its adjoint: expand and sum. */

import { int64 } from "../host_tensor.ts";
import { apply1, defineOp, Mismatch, type Tensor, type TensorType } from "../op.ts";
import {
  broadcastReader,
  broadcastShapes,
  emptyValues,
  forEachIndex,
  normalizeAxes,
  offsetOf,
  stridesOf,
} from "../values.ts";
import { reshape } from "./shape.ts";

export interface ReduceAttributes {
  axes: readonly number[] | null;
  keepdim: boolean;
}

/** Normalises the attributes of a reduction. */
export function canonicalReduce([x]: readonly TensorType[], { axes, keepdim }: ReduceAttributes) {
  return { axes: normalizeAxes(axes, x.shape.length), keepdim };
}

/** The shape of a reduction's result over normalised `axes`. */
export function reducedShape(shape: readonly number[], axes: readonly number[], keepdim: boolean): number[] {
  return keepdim
    ? shape.map((length, axis) => axes.includes(axis) ? 1 : length)
    : shape.filter((_, axis) => !axes.includes(axis));
}

/** Strides that map an element of `shape` to its position in the result of a reduction over `axes`. */
export function reducedStrides(shape: readonly number[], axes: readonly number[]): number[] {
  const kept = stridesOf(reducedShape(shape, axes, true));
  return shape.map((_, axis) => axes.includes(axis) ? 0 : kept[axis]);
}

const expandOp = defineOp<{ shape: readonly number[] }>({
  name: "expand",
  infer([x], { shape }) {
    if (broadcastShapes([x.shape, shape]).join() !== shape.join()) {
      throw new Mismatch(`[${x.shape}] does not broadcast to [${shape}]`);
    }
    return [{ dtype: x.dtype, shape }];
  },
  vjp: ({ inputs: [x], cotangents: [dy] }) => [sumTo(dy!, x.shape)],
  interpret([x], { shape }) {
    const y = emptyValues(shape);
    const read = broadcastReader(x, shape);
    forEachIndex(shape, (index, at) => y.data[at] = read(index));
    return [y];
  },
  emit: (to, { inputs: [x], outputs, attributes: { shape } }) =>
    to.node("Expand", [x, to.constant(int64([shape.length], shape))], outputs),
});

const sumOp = defineOp<ReduceAttributes>({
  name: "sum",
  canonical: canonicalReduce,
  infer: ([x], { axes, keepdim }) => [{ dtype: x.dtype, shape: reducedShape(x.shape, axes!, keepdim) }],
  vjp: ({ inputs: [x], attributes: { axes }, cotangents: [dy] }) => [
    expand(reshape(dy!, reducedShape(x.shape, axes!, true)), x.shape),
  ],
  interpret([x], { axes }, [{ shape }]) {
    const y = emptyValues(shape);
    const strides = reducedStrides(x.shape, axes!);
    forEachIndex(x.shape, (index, at) => y.data[offsetOf(index, strides)] += x.data[at]);
    return [y];
  },
  emit: (to, { inputs: [x], outputs, attributes: { axes, keepdim } }) =>
    to.node("ReduceSum", [x, to.constant(int64([axes!.length], axes!))], outputs, {
      keepdims: keepdim ? 1 : 0,
      noop_with_empty_axes: 1,
    }),
});

/** `x` repeated along axes of length 1 and new leading axes. */
export function expand(x: Tensor, shape: readonly number[]): Tensor {
  return x.shape.join() === shape.join() ? x : apply1(expandOp, [x], { shape });
}

/** Options of reductions: `axes` null for all. */
export interface ReduceOptions {
  axes?: readonly number[] | null;
  keepdim?: boolean;
}

/** The sum over axes. */
export function sum(x: Tensor, { axes = null, keepdim = false }: ReduceOptions = {}): Tensor {
  return apply1(sumOp, [x], { axes, keepdim });
}

/** The adjoint of broadcasting: `x` summed over the axes that `shape` lacks or has with length 1. */
export function sumTo(x: Tensor, shape: readonly number[]): Tensor {
  const lead = x.shape.length - shape.length;
  const axes = x.shape.flatMap((length, axis) =>
    axis < lead || (shape[axis - lead] === 1 && length !== 1) ? [axis] : []
  );
  return reshape(axes.length === 0 ? x : sum(x, { axes, keepdim: true }), shape);
}

/** The tensor repeated along every axis; `repeats` has one number per axis. */
export function tile(x: Tensor, repeats: readonly number[]): Tensor {
  const lead = Math.max(0, repeats.length - x.shape.length);
  const shape = [...Array(lead).fill(1), ...x.shape];
  const times = [...Array(Math.max(0, shape.length - repeats.length)).fill(1), ...repeats];
  const apart = reshape(x, shape.flatMap((length) => [1, length]));
  const repeated = expand(apart, shape.flatMap((length, axis) => [times[axis], length]));
  return reshape(repeated, shape.map((length, axis) => length * times[axis]));
}
