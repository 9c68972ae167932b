/** Operations on the order of elements along an axis: positions of extrema, top k, cumulative sums. */

import { int64 } from "../host_tensor.ts";
import { apply, apply1, defineOp, Mismatch, type Tensor, type TensorType, type Values } from "../op.ts";
import { emptyValues, forEachIndex, normalizeAxis, offsetOf, stridesOf } from "../values.ts";
import { gather, scatterAdd } from "./gather.ts";
import { flip } from "./slice.ts";
import { squeeze } from "./shape.ts";
import { zeros } from "./source.ts";

/**
 * Calls `visit` for every line along `axis`, with the position of its first element and the distance between
 * elements.
 */
function forEachLine(
  shape: readonly number[],
  axis: number,
  visit: (index: readonly number[], start: number, stride: number) => void,
): void {
  const strides = stridesOf(shape);
  forEachIndex(shape.with(axis, 1), (index) => visit(index, offsetOf(index, strides), strides[axis]));
}

function extremumPosition(name: string, onnx: string, better: (a: number, b: number) => boolean) {
  const op = defineOp<{ axis: number; keepdim: boolean }>({
    name,
    canonical: ([x], { axis, keepdim }) => ({ axis: normalizeAxis(axis, x.shape.length), keepdim }),
    infer([x], { axis, keepdim }) {
      if (x.shape[axis] === 0) throw new Mismatch(`axis ${axis} must have at least one element`);
      return [{ dtype: "int64", shape: keepdim ? x.shape.with(axis, 1) : x.shape.toSpliced(axis, 1) }];
    },
    interpret([x], { axis }, [{ shape }]) {
      const y = emptyValues(shape);
      let line = 0;
      forEachLine(x.shape, axis, (_, start, stride) => {
        let best = 0;
        for (let i = 1; i < x.shape[axis]; i++) {
          if (better(x.data[start + i * stride], x.data[start + best * stride])) best = i;
        }
        y.data[line++] = best;
      });
      return [y];
    },
    emit: (to, { inputs, outputs, attributes: { axis, keepdim } }) =>
      to.node(onnx, inputs, outputs, { axis, keepdims: keepdim ? 1 : 0, select_last_index: 0 }),
  });
  return (x: Tensor, axis: number, { keepdim = false }: { keepdim?: boolean } = {}) =>
    apply1(op, [x], { axis, keepdim });
}

/** The position of the largest element along an axis, int64; the first of ties. */
export const argmax: (x: Tensor, axis: number, options?: { keepdim?: boolean }) => Tensor = extremumPosition(
  "argmax",
  "ArgMax",
  (a, b) => a > b,
);

/** The position of the smallest element along an axis, int64; the first of ties. */
export const argmin: (x: Tensor, axis: number, options?: { keepdim?: boolean }) => Tensor = extremumPosition(
  "argmin",
  "ArgMin",
  (a, b) => a < b,
);

/** Elements of an axis and their positions in it, int64. */
export interface Chosen {
  readonly values: Tensor;
  readonly indices: Tensor;
}

function chooseAlong(x: Tensor, axis: number, position: Tensor, keepdim: boolean): Chosen {
  const values = gather(x, axis, position);
  return keepdim
    ? { values, indices: position }
    : { values: squeeze(values, [axis]), indices: squeeze(position, [axis]) };
}

/** The largest element along an axis; the gradient goes to the first of ties only. */
export function max(x: Tensor, axis: number, { keepdim = false }: { keepdim?: boolean } = {}): Chosen {
  return chooseAlong(x, axis, argmax(x, axis, { keepdim: true }), keepdim);
}

/** The smallest element along an axis; the gradient goes to the first of ties only. */
export function min(x: Tensor, axis: number, { keepdim = false }: { keepdim?: boolean } = {}): Chosen {
  return chooseAlong(x, axis, argmin(x, axis, { keepdim: true }), keepdim);
}

interface TopkAttributes {
  k: number;
  axis: number;
  largest: boolean;
}

const topkOp = defineOp<TopkAttributes>({
  name: "topk",
  canonical: ([x], { k, axis, largest }) => ({ k, axis: normalizeAxis(axis, x.shape.length), largest }),
  infer([x], { k, axis }) {
    if (!Number.isInteger(k) || k < 0 || k > x.shape[axis]) {
      throw new Mismatch(`k must be an integer from 0 to ${x.shape[axis]}, the length of axis ${axis}`);
    }
    const shape = x.shape.with(axis, k);
    return [{ dtype: x.dtype, shape }, { dtype: "int64", shape }];
  },
  vjp: ({ inputs: [x], outputs: [, indices], attributes: { axis }, cotangents: [dy] }) => [
    dy && scatterAdd(zeros(x.shape), axis, indices, dy),
  ],
  interpret([x], { k, axis, largest }, [{ shape }]) {
    const [values, indices] = [emptyValues(shape), emptyValues(shape)];
    const strides = stridesOf(shape);
    forEachLine(x.shape, axis, (index, start, stride) => {
      const at = (i: number) => x.data[start + i * stride];
      const order = Array.from({ length: x.shape[axis] }, (_, i) => i)
        .sort((a, b) => (largest ? at(b) - at(a) : at(a) - at(b)) || a - b);
      const target = offsetOf(index, strides);
      for (let i = 0; i < k; i++) {
        values.data[target + i * strides[axis]] = at(order[i]);
        indices.data[target + i * strides[axis]] = order[i];
      }
    });
    return [values, indices];
  },
  emit: (to, { inputs: [x], outputs, attributes: { k, axis, largest } }) =>
    to.node("TopK", [x, to.constant(int64([1], [k]))], outputs.map((name) => name || to.fresh()), {
      axis,
      largest: largest ? 1 : 0,
      sorted: 1,
    }),
});

/** The k largest (or smallest) elements along an axis, sorted, and their positions. */
export function topk(
  x: Tensor,
  k: number,
  axis: number,
  { largest = true }: { largest?: boolean } = {},
): Chosen {
  const [values, indices] = apply(topkOp, [x], { k, axis, largest });
  return { values, indices };
}

const cumsumOp = defineOp<{ axis: number }>({
  name: "cumsum",
  canonical: ([x], { axis }) => ({ axis: normalizeAxis(axis, x.shape.length) }),
  infer: ([x]: readonly TensorType[]) => [x],
  vjp: ({ attributes: { axis }, cotangents: [dy] }) => [flip(cumsum(flip(dy!, [axis]), axis), [axis])],
  interpret([x]: readonly Values[], { axis }) {
    const y = { shape: x.shape, data: x.data.slice() };
    forEachLine(x.shape, axis, (_, start, stride) => {
      for (let i = 1; i < x.shape[axis]; i++) y.data[start + i * stride] += y.data[start + (i - 1) * stride];
    });
    return [y];
  },
  emit: (to, { inputs: [x], outputs, attributes: { axis } }) =>
    to.node("CumSum", [x, to.constant(int64([], [axis]))], outputs),
});

/** The cumulative sum along an axis. */
export function cumsum(x: Tensor, axis: number): Tensor {
  return apply1(cumsumOp, [x], { axis });
}
