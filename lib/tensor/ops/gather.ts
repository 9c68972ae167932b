/** Selecting elements by index, and its adjoint, adding at an index. */

import { int64 } from "../host_tensor.ts";
import { apply1, checked, defineOp, Mismatch, type Tensor, type TensorType } from "../op.ts";
import { emptyValues, forEachIndex, normalizeAxis, offsetOf, stridesOf } from "../values.ts";
import { equal } from "./arithmetic.ts";
import { expand } from "./broadcast.ts";
import { cast } from "./elementwise.ts";
import { reshape, unsqueeze } from "./shape.ts";
import { constant, iota, zeros } from "./source.ts";

interface AxisAttributes {
  axis: number;
}

function canonicalAxis([x]: readonly TensorType[], { axis }: AxisAttributes): AxisAttributes {
  return { axis: normalizeAxis(axis, x.shape.length) };
}

function checkIndex(index: TensorType): void {
  if (index.dtype !== "int64" && index.dtype !== "int32") {
    throw new Mismatch(`the index must be int64 or int32, not ${index.dtype}`);
  }
}

/** Converts an index to a position: negative values count from the end. */
function entry(index: number, length: number): number {
  if (index < -length || index >= length) {
    throw new RangeError(
      `the index must be from ${-length} to ${length - 1} on an axis of length ${length}, but is ${index}`,
    );
  }
  return index < 0 ? index + length : index;
}

function checkAlong(x: TensorType, index: TensorType, axis: number): void {
  checkIndex(index);
  const fits = x.shape.length === index.shape.length &&
    index.shape.every((length, i) => i === axis || length <= x.shape[i]);
  if (!fits) {
    throw new Mismatch(
      "the index must have as many axes as x, and only the gathered axis may be longer than that of x",
    );
  }
}

const gatherOp = defineOp<AxisAttributes>({
  name: "gather",
  canonical: canonicalAxis,
  infer([x, index], { axis }) {
    checkAlong(x, index, axis);
    return [{ dtype: x.dtype, shape: index.shape }];
  },
  vjp: ({ inputs: [x, index], attributes: { axis }, cotangents: [dy] }) => [
    scatterAdd(zeros(x.shape), axis, index, dy!),
  ],
  interpret([x, index], { axis }) {
    const y = emptyValues(index.shape);
    const strides = stridesOf(x.shape);
    forEachIndex(index.shape, (at, position) => {
      y.data[position] = x.data[offsetOf(at.with(axis, entry(index.data[position], x.shape[axis])), strides)];
    });
    return [y];
  },
  emit: (to, { inputs, outputs, attributes: { axis } }) =>
    to.node("GatherElements", inputs, outputs, { axis }),
});

const scatterAddOp = defineOp<AxisAttributes>({
  name: "scatter_add",
  canonical: canonicalAxis,
  infer([x, index, source], { axis }) {
    checkAlong(x, index, axis);
    if (source.dtype !== x.dtype) throw new Mismatch(`the source must be ${x.dtype}, not ${source.dtype}`);
    if (source.shape.join() !== index.shape.join()) {
      throw new Mismatch("source and index must have the same shape");
    }
    return [x];
  },
  vjp: ({ inputs: [, index], attributes: { axis }, cotangents: [dy], wanted }) => [
    dy,
    undefined,
    wanted[2] ? gather(dy!, axis, index) : undefined,
  ],
  interpret([x, index, source], { axis }) {
    const y = { shape: x.shape, data: x.data.slice() };
    const strides = stridesOf(x.shape);
    forEachIndex(index.shape, (at, position) => {
      const target = offsetOf(at.with(axis, entry(index.data[position], x.shape[axis])), strides);
      y.data[target] += source.data[position];
    });
    return [y];
  },
  emit: (to, { inputs, outputs, attributes: { axis } }) =>
    to.node("ScatterElements", inputs, outputs, { axis, reduction: "add" }),
});

const takeOp = defineOp<AxisAttributes>({
  name: "take",
  canonical: canonicalAxis,
  infer([x, index], { axis }) {
    checkIndex(index);
    return [{ dtype: x.dtype, shape: x.shape.toSpliced(axis, 1, ...index.shape) }];
  },
  vjp({ inputs: [x, index], attributes: { axis }, cotangents: [dy] }) {
    const rank = x.shape.length;
    const length = index.shape.reduce((a, b) => a * b, 1);
    const flat = reshape(dy!, x.shape.with(axis, length));
    const along = reshape(index, Array.from({ length: rank }, (_, i) => i === axis ? length : 1));
    return [scatterAdd(zeros(x.shape), axis, expand(along, flat.shape), flat)];
  },
  interpret([x, index], { axis }, [{ shape }]) {
    const y = emptyValues(shape);
    const strides = stridesOf(x.shape);
    const indexStrides = stridesOf(index.shape);
    const taken = index.shape.length;
    forEachIndex(shape, (at, position) => {
      const chosen = index.data[offsetOf(at.slice(axis, axis + taken), indexStrides)];
      const from = at.toSpliced(axis, taken, entry(chosen, x.shape[axis]));
      y.data[position] = x.data[offsetOf(from, strides)];
    });
    return [y];
  },
  emit: (to, { inputs, outputs, attributes: { axis } }) => to.node("Gather", inputs, outputs, { axis }),
});

/** `y[i][j] = x[index[i][j]][j]` for axis 0: the other axes of the index run over those of x. */
export function gather(x: Tensor, axis: number, index: Tensor): Tensor {
  return apply1(gatherOp, [x, index], { axis });
}

/** `y = x; y[index[i][j]][j] += source[i][j]` for axis 0, in row-major order of the index. */
export function scatterAdd(x: Tensor, axis: number, index: Tensor, source: Tensor): Tensor {
  return apply1(scatterAddOp, [x, index, source], { axis });
}

/** The slices of x at `index` (of any shape) along an axis; the axes of the index replace this axis. */
export function take(x: Tensor, axis: number, index: Tensor): Tensor {
  return apply1(takeOp, [x, index], { axis });
}

/** One-hot float32 vectors of labels, with the classes as a new last axis. */
export function oneHot(labels: Tensor, classes: number): Tensor {
  return cast(equal(unsqueeze(labels, -1), iota(classes, labels.dtype)), "float32");
}

/**
 * Adds `[before, after]` elements to every axis: copies of the edge (replicate), or elements mirrored at the
 * edge, without repeating the edge itself (reflect).
 */
export function padFrom(
  x: Tensor,
  pads: readonly (readonly [number, number])[],
  mode: "reflect" | "replicate",
): Tensor {
  return checked("pad_from", [x], { pads, mode }, () => {
    if (pads.length !== x.shape.length || pads.flat().some((n) => !Number.isInteger(n) || n < 0)) {
      throw new Mismatch(`needs two non-negative integers for each of ${x.shape.length} axes`);
    }
    return pads.reduce((padded, [before, after], axis) => {
      const source = sourceOfPadded(x.shape[axis], before, after, mode);
      return before + after === 0 ? padded : take(padded, axis, constant(int64([source.length], source)));
    }, x);
  });
}

function sourceOfPadded(
  length: number,
  before: number,
  after: number,
  mode: "reflect" | "replicate",
): number[] {
  const limit = mode === "reflect" ? length - 1 : length === 0 ? 0 : Infinity;
  if (Math.max(before, after) > limit) {
    throw new Mismatch(`an axis of length ${length} cannot be extended by ${Math.max(before, after)}`);
  }
  const mirrored = (i: number) => i < 0 ? -i : i >= length ? 2 * (length - 1) - i : i;
  const clamped = (i: number) => Math.min(Math.max(i, 0), length - 1);
  const from = mode === "reflect" ? mirrored : clamped;
  return Array.from({ length: before + length + after }, (_, i) => from(i - before));
}
