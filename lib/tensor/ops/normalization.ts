/** Batch and layer normalisation. */

import { apply1, checked, composite, defineOp, float, Mismatch, type Tensor } from "../op.ts";
import { emptyValues, normalizeAxis } from "../values.ts";
import { add, div, mul, sub } from "./arithmetic.ts";
import { sum } from "./broadcast.ts";
import { rsqrt, square } from "./elementwise.ts";
import { mean } from "./reduce.ts";
import { reshape } from "./shape.ts";
import { stopGradient } from "./stop_gradient.ts";

/** A tensor [C] as [C, 1, 1, …], to stand along axis 1 of x. */
function alongChannels(perChannel: Tensor, x: Tensor): Tensor {
  return reshape(perChannel, [x.shape[1], ...x.shape.slice(2).map(() => 1)]);
}

function axesButChannels(x: Tensor): number[] {
  return [...x.shape.keys()].filter((axis) => axis !== 1);
}

/** (x − mean) / √(variance + eps) · weight + bias, mean and variance given. */
const normalizeChannelsOp = defineOp<{ eps: number }>({
  name: "normalize_channels",
  infer([x, ...perChannel]) {
    if (x.shape.length < 2) throw new Mismatch("needs [N, C, …]");
    if (perChannel.some(({ shape }) => shape.join() !== String(x.shape[1]))) {
      throw new Mismatch(`weight, bias, mean and variance must be [${x.shape[1]}]`);
    }
    return [x];
  },
  vjp({ inputs: [x, weight, , average, variance], attributes: { eps }, cotangents: [dy], wanted }) {
    if (wanted[3] || wanted[4]) throw new Mismatch("mean and variance are constants to gradients");
    const axes = axesButChannels(x);
    const inverse = rsqrt(add(variance, eps));
    const normalized = () => mul(sub(x, alongChannels(average, x)), alongChannels(inverse, x));
    return [
      wanted[0] ? mul(dy!, alongChannels(mul(weight, inverse), x)) : undefined,
      wanted[1] ? sum(mul(dy!, normalized()), { axes }) : undefined,
      wanted[2] ? sum(dy!, { axes }) : undefined,
    ];
  },
  interpret([x, weight, bias, average, variance], { eps }) {
    const y = emptyValues(x.shape);
    const channels = x.shape[1];
    const plane = x.shape.slice(2).reduce((a, b) => a * b, 1);
    x.data.forEach((value, at) => {
      const c = Math.floor(at / plane) % channels;
      const scale = weight.data[c] / Math.sqrt(variance.data[c] + eps);
      y.data[at] = (value - average.data[c]) * scale + bias.data[c];
    });
    return [y];
  },
  emit: (to, { inputs, outputs, attributes: { eps } }) =>
    to.node("BatchNormalization", inputs, outputs, { epsilon: float(eps) }),
});

export interface BatchNormOptions {
  weight: Tensor;
  bias: Tensor;
  runningMean: Tensor;
  runningVar: Tensor;
  training: boolean;
  /** How far the running statistics move to those of the batch. */
  momentum?: number;
  eps?: number;
}

export interface BatchNormResult {
  readonly y: Tensor;
  /** The running statistics after this batch; as given in evaluation. */
  readonly runningMean: Tensor;
  readonly runningVar: Tensor;
}

/**
 * Batch normalisation of x [N, C, …] (Ioffe and Szegedy 2015, arXiv:1502.03167). In training by the batch's mean and
 * biased variance over all axes but 1, through which gradients go, and the running variance is moved to the unbiased
 * one; in evaluation by the running statistics, as constants.
 */
export function batchNorm(x: Tensor, options: BatchNormOptions): BatchNormResult {
  const { weight, bias, runningMean, runningVar, training, momentum = 0.1, eps = 1e-5 } = options;
  if (!training) {
    const statistics = [stopGradient(runningMean), stopGradient(runningVar)];
    const y = apply1(normalizeChannelsOp, [x, weight, bias, ...statistics], { eps });
    return { y, runningMean, runningVar };
  }
  const { y, average, variance } = normalizeByBatch(x, weight, bias, eps);
  const count = x.shape.reduce((a, b) => a * b, 1) / x.shape[1];
  const move = (running: Tensor, batch: Tensor) => add(mul(running, 1 - momentum), mul(batch, momentum));
  return {
    y,
    runningMean: move(runningMean, stopGradient(average)),
    runningVar: move(runningVar, mul(stopGradient(variance), count / (count - 1))),
  };
}

function normalizeByBatch(x: Tensor, weight: Tensor, bias: Tensor, eps: number) {
  const axes = axesButChannels(x);
  const average = mean(x, { axes });
  const variance = mean(square(sub(x, alongChannels(average, x))), { axes });
  const lower = () => [apply1(normalizeChannelsOp, [x, weight, bias, average, variance], { eps })];
  const [y] = composite("batch_norm", [x, weight, bias], lower, ({ cotangents: [dy], wanted }) => {
    const inverse = rsqrt(add(variance, eps));
    const normalized = mul(sub(x, alongChannels(average, x)), alongChannels(inverse, x));
    const biasGradient = sum(dy!, { axes });
    const weightGradient = sum(mul(dy!, normalized), { axes });
    if (!wanted[0]) return [undefined, weightGradient, biasGradient];
    const count = x.shape.reduce((a, b) => a * b, 1) / x.shape[1];
    const centred = sub(dy!, alongChannels(div(biasGradient, count), x));
    const projected = mul(normalized, alongChannels(div(weightGradient, count), x));
    const xGradient = mul(sub(centred, projected), alongChannels(mul(weight, inverse), x));
    return [xGradient, weightGradient, biasGradient];
  });
  return { y, average, variance };
}

export interface LayerNormOptions {
  weight: Tensor;
  bias: Tensor;
  axis?: number;
  eps?: number;
}

/** (x − mean) / √(biased variance + eps) · weight + bias over one axis, the last by default (arXiv:1607.06450). */
export function layerNorm(x: Tensor, { weight, bias, axis = -1, eps = 1e-5 }: LayerNormOptions): Tensor {
  return checked("layer_norm", [x, weight, bias], { axis, eps }, () => {
    const at = normalizeAxis(axis, x.shape.length);
    if ([weight, bias].some(({ shape }) => shape.join() !== String(x.shape[at]))) {
      throw new Mismatch(`weight and bias must be [${x.shape[at]}]`);
    }
    return normalizeAlong(x, weight, bias, at, eps);
  });
}

function normalizeAlong(x: Tensor, weight: Tensor, bias: Tensor, axis: number, eps: number): Tensor {
  const along = (perElement: Tensor) =>
    reshape(perElement, [x.shape[axis], ...x.shape.slice(axis + 1).map(() => 1)]);
  const over = { axes: [axis], keepdim: true };
  const centred = sub(x, mean(x, over));
  const inverse = rsqrt(add(mean(square(centred), over), eps));
  const normalized = mul(centred, inverse);
  const lower = () => [add(mul(normalized, along(weight)), along(bias))];
  return composite("layer_norm", [x, weight, bias], lower, ({ cotangents: [dy], wanted }) => {
    const others = [...x.shape.keys()].filter((i) => i !== axis);
    const scaled = mul(dy!, along(weight));
    const projected = mul(normalized, mean(mul(scaled, normalized), over));
    return [
      wanted[0] ? mul(sub(sub(scaled, mean(scaled, over)), projected), inverse) : undefined,
      wanted[1] ? sum(mul(dy!, normalized), { axes: others }) : undefined,
      wanted[2] ? sum(dy!, { axes: others }) : undefined,
    ];
  })[0];
}
