/** Batch normalisation (Ioffe and Szegedy 2015, arXiv:1502.03167) along any axis, in few passes over the data. */

import { elementCount } from "../host_tensor.ts";
import { checked, composite, Mismatch, type Tensor } from "../op.ts";
import { normalizeAxis } from "../values.ts";
import { add, div, mul, neg, sub } from "./arithmetic.ts";
import { sum } from "./broadcast.ts";
import { channelLayout } from "./channel_layout.ts";
import { sqrt } from "./elementwise.ts";
import { gemm } from "./gemm.ts";
import { matmul } from "./matmul.ts";
import { reshape } from "./shape.ts";
import { full } from "./source.ts";
import { stopGradient } from "./stop_gradient.ts";

export interface BatchNormOptions {
  weight: Tensor;
  bias: Tensor;
  runningMean: Tensor;
  runningVar: Tensor;
  training: boolean;
  /** The axis of the channels; 1 by default. */
  axis?: number;
  /** The weight of a batch in the running statistics. */
  momentum?: number;
  eps?: number;
}

export interface BatchNormResult {
  readonly y: Tensor;
  /** The running statistics after this batch; unchanged in evaluation. */
  readonly runningMean: Tensor;
  readonly runningVar: Tensor;
}

/**
 * (x − mean) / √(variance + eps) · weight + bias for every channel. Training uses the batch's mean and biased
 * variance, which get gradients; the running variance is updated with the unbiased variance. Evaluation uses
 * the running statistics as constants.
 *
 * @throws {GraphError} if weight, bias or statistics are not [C], or if in training a channel has only one
 * value.
 */
export function batchNorm(x: Tensor, options: BatchNormOptions): BatchNormResult {
  const { weight, bias, runningMean, runningVar, training } = options;
  const { axis = 1, momentum = 0.1, eps = 1e-5 } = options;
  const inputs = [x, weight, bias, runningMean, runningVar];
  return checked("batch_norm", inputs, { axis, training, momentum, eps }, () => {
    const at = normalizeAxis(axis, x.shape.length);
    const channels = x.shape[at];
    if (inputs.slice(1).some(({ shape }) => shape.join() !== String(channels))) {
      throw new Mismatch(`weight, bias and running statistics must be [${channels}]`);
    }
    if (!training) {
      const { scale, shift } = evaluationAffine(options);
      const { open, close, along } = channelLayout(x.shape, at);
      const y = close(add(mul(open(x), along(scale)), along(shift)));
      return { y, runningMean, runningVar };
    }
    const count = elementCount(x.shape) / channels;
    requireSeveralValues(count);
    const { y, average, variance } = normalizeByBatch(x, weight, bias, at, eps);
    return { y, ...movedStatistics({ runningMean, runningVar, momentum }, { average, variance, count }) };
  });
}

/**
 * Checks that each channel has at least two values, because the unbiased variance divides by their number
 * minus 1. PyTorch rejects such a batch too ("Expected more than 1 value per channel when training").
 *
 * @throws {Mismatch}
 */
export function requireSeveralValues(count: number): void {
  if (count > 1) return;
  throw new Mismatch(
    `training needs more than one value per channel, but the batch has ${count}: give it more images or more views, or ` +
      "larger ones",
  );
}

/**
 * The running statistics after a batch with `count` values per channel: moved by `momentum` towards the
 * batch's mean and unbiased variance. The biased variance is given.
 */
export function movedStatistics(
  { runningMean, runningVar, momentum = 0.1 }: {
    runningMean: Tensor;
    runningVar: Tensor;
    momentum?: number;
  },
  { average, variance, count }: { average: Tensor; variance: Tensor; count: number },
): { readonly runningMean: Tensor; readonly runningVar: Tensor } {
  const move = (running: Tensor, batch: Tensor) =>
    add(mul(running, 1 - momentum), mul(stopGradient(batch), momentum));
  return {
    runningMean: move(runningMean, average),
    runningVar: move(runningVar, mul(variance, count / (count - 1))),
  };
}

/**
 * Batch normalisation in evaluation as x·scale + shift for every channel; it can be folded into a
 * convolution.
 */
export function evaluationAffine(
  { weight, bias, runningMean, runningVar, eps = 1e-5 }: Omit<BatchNormOptions, "training">,
): { readonly scale: Tensor; readonly shift: Tensor } {
  const scale = div(weight, stopGradient(sqrt(add(runningVar, eps))));
  return { scale, shift: sub(bias, mul(stopGradient(runningMean), scale)) };
}

function normalizeByBatch(x: Tensor, weight: Tensor, bias: Tensor, axis: number, eps: number) {
  const { open, close, along } = channelLayout(x.shape, axis);
  const total = (values: Tensor) => channelSum(close(values), axis);
  const count = elementCount(x.shape) / x.shape[axis];
  const average = div(channelSum(x, axis), count);
  const centred = sub(open(x), along(average));
  const variance = div(total(mul(centred, centred)), count);
  // Divides by the root; multiplying by its reciprocal would round once more in every layer.
  const deviation = sqrt(add(variance, eps));
  const inverse = div(1, deviation);
  const scale = div(weight, deviation);
  const lower = () => [close(add(mul(centred, along(scale)), along(bias)))];
  const [y] = composite("batch_norm", [x, weight, bias], lower, ({ cotangents: [dy], wanted }) => {
    const biasGradient = channelSum(dy!, axis);
    const opened = open(dy!);
    const weightGradient = mul(total(mul(opened, centred)), inverse);
    if (!wanted[0]) return [undefined, weightGradient, biasGradient];
    // scale · (dy − Σdy/n − x̂·Σ(dy·x̂)/n), in the order that needs the fewest passes.
    const slope = neg(mul(mul(scale, inverse), div(weightGradient, count)));
    const offset = neg(mul(scale, div(biasGradient, count)));
    const xGradient = add(add(mul(opened, along(scale)), mul(centred, along(slope))), along(offset));
    return [close(xGradient), weightGradient, biasGradient];
  });
  return { y, average, variance };
}

/**
 * The sum of every channel, [C], in two stages, so that rounding errors do not grow with the number of positions.
 * Products with ones are the fastest way to add on a CPU.
 */
export function channelSum(x: Tensor, axis: number): Tensor {
  const channels = x.shape[axis];
  const ones = (n: number) => full([1, n], 1);
  if (axis === x.shape.length - 1) {
    const batch = x.shape[0];
    const rows = reshape(x, [batch, -1, channels]);
    const perImage = reshape(matmul(ones(rows.shape[1]), rows), [batch, channels]);
    return reshape(gemm(ones(batch), perImage), [channels]);
  }
  const outer = x.shape.slice(0, axis).reduce((a, b) => a * b, 1);
  const planes = reshape(x, [outer * channels, -1]);
  const perPlane = reshape(gemm(planes, full([planes.shape[1], 1], 1)), [outer, channels]);
  return reshape(sum(perPlane, { axes: [0] }), [channels]);
}
