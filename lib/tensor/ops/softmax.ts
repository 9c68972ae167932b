/** Softmax and operations built from it: log-softmax, log-sum-exp, Gumbel softmax, attention. */

import { apply1, composite, defineOp, Mismatch, type Tensor, type TensorType, type Values } from "../op.ts";
import { forEachIndex, normalizeAxis, offsetOf, stridesOf } from "../values.ts";
import { add, div, equal, log, mul, sub, where } from "./arithmetic.ts";
import { sum } from "./broadcast.ts";
import { abs, cast, exp } from "./elementwise.ts";
import { amax } from "./reduce.ts";
import { argmax } from "./order.ts";
import { matmul } from "./matmul.ts";
import { iota } from "./source.ts";
import { matrixTranspose, reshape, squeeze } from "./shape.ts";
import { straightThrough } from "./stop_gradient.ts";

interface AxisAttributes {
  axis: number;
}

const common = {
  canonical: ([x]: readonly TensorType[], { axis }: AxisAttributes) => ({
    axis: normalizeAxis(axis, x.shape.length),
  }),
  infer([x]: readonly TensorType[]) {
    if (x.dtype !== "float32") throw new Mismatch(`needs float32, not ${x.dtype}`);
    return [x];
  },
};

/** The sum of e^(x − maximum) along the axis of each element of x, and this maximum. */
function normalizers(
  x: Values,
  axis: number,
): { maximum: (at: number) => number; total: (at: number) => number } {
  const strides = stridesOf(x.shape.with(axis, 1)).with(axis, 0);
  const lines = new Float64Array(x.data.length);
  const maxima = new Float64Array(x.data.length).fill(-Infinity);
  const totals = new Float64Array(x.data.length);
  forEachIndex(x.shape, (index, at) => {
    const line = lines[at] = offsetOf(index, strides);
    maxima[line] = Math.max(maxima[line], x.data[at]);
  });
  x.data.forEach((value, at) => totals[lines[at]] += Math.exp(value - maxima[lines[at]]));
  return { maximum: (at) => maxima[lines[at]], total: (at) => totals[lines[at]] };
}

const softmaxOp = defineOp<AxisAttributes>({
  ...common,
  name: "softmax",
  vjp({ outputs: [y], attributes: { axis }, cotangents: [dy] }) {
    const weighted = mul(dy!, y);
    return [sub(weighted, mul(y, sum(weighted, { axes: [axis], keepdim: true })))];
  },
  interpret([x], { axis }) {
    const { maximum, total } = normalizers(x, axis);
    return [{ shape: x.shape, data: x.data.map((value, at) => Math.exp(value - maximum(at)) / total(at)) }];
  },
  emit: (to, { inputs, outputs, attributes: { axis } }) => to.node("Softmax", inputs, outputs, { axis }),
});

const logSoftmaxOp = defineOp<AxisAttributes>({
  ...common,
  name: "log_softmax",
  vjp: ({ outputs: [y], attributes: { axis }, cotangents: [dy] }) => [
    sub(dy!, mul(exp(y), sum(dy!, { axes: [axis], keepdim: true }))),
  ],
  interpret([x], { axis }) {
    const { maximum, total } = normalizers(x, axis);
    return [{ shape: x.shape, data: x.data.map((value, at) => value - maximum(at) - Math.log(total(at))) }];
  },
  emit: (to, { inputs, outputs, attributes: { axis } }) => to.node("LogSoftmax", inputs, outputs, { axis }),
});

/** e^x / Σ e^x along an axis. */
export function softmax(x: Tensor, axis: number): Tensor {
  return apply1(softmaxOp, [x], { axis });
}

/** x − ln Σ e^x along an axis. */
export function logSoftmax(x: Tensor, axis: number): Tensor {
  return apply1(logSoftmaxOp, [x], { axis });
}

/** ln Σ e^x along an axis; the largest element is subtracted before the exponential. */
export function logSumExp(x: Tensor, axis: number, { keepdim = false }: { keepdim?: boolean } = {}): Tensor {
  const largest = amax(x, { axes: [axis], keepdim: true });
  const shift = where(equal(abs(largest), Infinity), 0, largest);
  const y = add(log(sum(exp(sub(x, shift)), { axes: [axis], keepdim: true })), shift);
  const [kept] = composite("logsumexp", [x], () => [y], ({ cotangents: [dy] }) => [mul(dy!, exp(sub(x, y)))]);
  return keepdim ? kept : squeeze(kept, [axis]);
}

export interface GumbelOptions {
  axis: number;
  /** The temperature. */
  tau?: number;
  /** Whether the result is the one-hot vector of the maximum, with the gradient of the soft values. */
  hard?: boolean;
}

/**
 * softmax((x + noise) / tau), where the noise is drawn from a Gumbel distribution (Jang et al. 2017,
 * arXiv:1611.01144).
 */
export function gumbelSoftmax(
  x: Tensor,
  noise: Tensor,
  { axis, tau = 1, hard = false }: GumbelOptions,
): Tensor {
  const soft = softmax(div(add(x, noise), tau), axis);
  if (!hard) return soft;
  const at = normalizeAxis(axis, soft.shape.length);
  const classes = reshape(iota(soft.shape[at]), soft.shape.map((length, i) => i === at ? length : 1));
  return straightThrough(cast(equal(argmax(soft, at, { keepdim: true }), classes), "float32"), soft);
}

/**
 * Scaled dot-product attention, softmax(q·kᵀ·scale + mask)·v.
 *
 * @param q [..., Lq, E]
 * @param k [..., Lk, E]
 * @param v [..., Lk, Ev]
 * @param mask broadcast to [..., Lq, Lk] and added
 */
export function attention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  { scale, mask }: { scale: number; mask?: Tensor },
): Tensor {
  const scores = matmul(mul(q, scale), matrixTranspose(k));
  return matmul(softmax(mask ? add(scores, mask) : scores, -1), v);
}
