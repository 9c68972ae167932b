/** Means, extrema and products over axes. The sum is in broadcast.ts. */

import { elementCount, int64 } from "../host_tensor.ts";
import { apply1, defineOp, Mismatch, type Tensor } from "../op.ts";
import { emptyValues, forEachIndex, offsetOf } from "../values.ts";
import { div, equal, mul } from "./arithmetic.ts";
import {
  canonicalReduce,
  expand,
  type ReduceAttributes,
  reducedShape,
  reducedStrides,
  type ReduceOptions,
  sum,
} from "./broadcast.ts";
import { cast } from "./elementwise.ts";
import { reshape, transpose } from "./shape.ts";
import { pad, slice } from "./slice.ts";

interface Reduction {
  readonly name: string;
  readonly onnx: string;
  readonly start: number;
  readonly combine: (total: number, value: number) => number;
  readonly finish?: (total: number, count: number) => number;
  readonly gradient: (context: { x: Tensor; y: Tensor; dy: Tensor; axes: readonly number[] }) => Tensor;
}

/** The number of elements of `shape` along normalised `axes`. */
function countAlong(shape: readonly number[], axes: readonly number[]): number {
  return elementCount(axes.map((axis) => shape[axis]));
}

/** Defines a reduction of float32; its gradient receives y and dy with the axes kept. */
function reduction({ name, onnx, start, combine, finish, gradient }: Reduction) {
  const op = defineOp<ReduceAttributes>({
    name,
    canonical: canonicalReduce,
    infer([x], { axes, keepdim }) {
      if (x.dtype !== "float32") throw new Mismatch(`needs float32, not ${x.dtype}`);
      if (countAlong(x.shape, axes!) === 0) {
        throw new Mismatch(`the axes [${axes}] must have at least one element`);
      }
      return [{ dtype: x.dtype, shape: reducedShape(x.shape, axes!, keepdim) }];
    },
    vjp({ inputs: [x], outputs: [y], attributes, cotangents: [dy] }) {
      const axes = attributes.axes!;
      const kept = reducedShape(x.shape, axes, true);
      return [gradient({ x, y: reshape(y, kept), dy: reshape(dy!, kept), axes })];
    },
    interpret([x], { axes }, [{ shape }]) {
      const y = emptyValues(shape);
      y.data.fill(start);
      const strides = reducedStrides(x.shape, axes!);
      forEachIndex(x.shape, (index, at) => {
        const target = offsetOf(index, strides);
        y.data[target] = combine(y.data[target], x.data[at]);
      });
      const count = countAlong(x.shape, axes!);
      return [finish ? { shape, data: y.data.map((total) => finish(total, count)) } : y];
    },
    emit: (to, { inputs: [x], outputs, attributes: { axes, keepdim } }) =>
      to.node(onnx, [x, to.constant(int64([axes!.length], axes!))], outputs, {
        keepdims: keepdim ? 1 : 0,
        noop_with_empty_axes: 1,
      }),
  });
  return (x: Tensor, { axes = null, keepdim = false }: ReduceOptions = {}) =>
    apply1(op, [x], { axes, keepdim });
}

/** The mean over axes, all by default. */
export const mean: (x: Tensor, options?: ReduceOptions) => Tensor = reduction({
  name: "mean",
  onnx: "ReduceMean",
  start: 0,
  combine: (total, value) => total + value,
  finish: (total, count) => total / count,
  gradient: ({ x, dy, axes }) => expand(mul(dy, 1 / countAlong(x.shape, axes)), x.shape),
});

const sharedByTies: Reduction["gradient"] = ({ x, y, dy, axes }) => {
  const ties = cast(equal(x, y), "float32");
  return mul(ties, div(dy, sum(ties, { axes, keepdim: true })));
};

/** The largest element along axes, all by default; ties share the gradient evenly. */
export const amax: (x: Tensor, options?: ReduceOptions) => Tensor = reduction({
  name: "amax",
  onnx: "ReduceMax",
  start: -Infinity,
  combine: Math.max,
  gradient: sharedByTies,
});

/** The smallest element along axes, all by default; ties share the gradient evenly. */
export const amin: (x: Tensor, options?: ReduceOptions) => Tensor = reduction({
  name: "amin",
  onnx: "ReduceMin",
  start: Infinity,
  combine: Math.min,
  gradient: sharedByTies,
});

/** The product over axes, all by default. */
export const prod: (x: Tensor, options?: ReduceOptions) => Tensor = reduction({
  name: "prod",
  onnx: "ReduceProd",
  start: 1,
  combine: (total, value) => total * value,
  gradient: ({ x, dy, axes }) => mul(dy, productOfOthers(x, axes)),
});

/** For every element, the product of all others along the axes; correct even if some are 0. */
function productOfOthers(x: Tensor, axes: readonly number[]): Tensor {
  const order = [...x.shape.keys()].filter((axis) => !axes.includes(axis)).concat(axes);
  const moved = transpose(x, order);
  const rows = reshape(moved, [-1, countAlong(x.shape, axes)]);
  const others = mul(productBefore(rows, 1), productBefore(rows, -1));
  return transpose(reshape(others, moved.shape), order.map((_, axis) => order.indexOf(axis)));
}

/** For each element, the product of all elements of its row before (1) or after (-1) it, in log₂ steps. */
function productBefore(rows: Tensor, direction: 1 | -1): Tensor {
  const length = rows.shape[1];
  const shift = (x: Tensor, by: number) =>
    direction === 1
      ? slice(pad(x, [[0, 0], [by, 0]], 1), { axes: [1], starts: [0], ends: [length] })
      : slice(pad(x, [[0, 0], [0, by]], 1), { axes: [1], starts: [by], ends: [length + by] });
  let product = shift(rows, 1);
  for (let span = 1; span < length; span *= 2) product = mul(product, shift(product, span));
  return product;
}
