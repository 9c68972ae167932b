/** For every differentiable layer a graph that contains it, to compare gradients with finite differences. */

import { float32 } from "../../lib/tensor/host_tensor.ts";
import { crossEntropy } from "../../lib/tensor/ops/cross_entropy.ts";
import { cosineSimilarity, norm, normalize } from "../../lib/tensor/ops/norm.ts";
import { batchNorm } from "../../lib/tensor/ops/batch_norm.ts";
import { layerNorm } from "../../lib/tensor/ops/normalization.ts";
import { avgPool2d, maxPool2d } from "../../lib/tensor/ops/pool.ts";
import { maxPoolChannelsLast } from "../../lib/tensor/ops/pool_channels_last.ts";
import { interpolate } from "../../lib/tensor/ops/resample.ts";
import { gumbelSoftmax, logSoftmax, logSumExp, softmax } from "../../lib/tensor/ops/softmax.ts";
import { constant } from "../../lib/tensor/ops/source.ts";
import { wideningBatchNorm } from "../../lib/tensor/ops/widening_batch_norm.ts";
import { type GradientCase, indices } from "./gradient_case.ts";

/** Softmax, losses, normalisation, attention and pooling. */
export const LAYER_GRADIENT_CASES: readonly GradientCase[] = [
  {
    name: "max_pool2d",
    shapes: [[1, 2, 6, 5]],
    build: (x) => maxPool2d(x, { kernel: 3, stride: 2, padding: 1 }).values,
  },
  {
    name: "max_pool_channels_last",
    shapes: [[1, 6, 5, 2]],
    build: (x) => maxPoolChannelsLast(x, { kernel: 3, stride: 2, padding: 1 }),
  },
  {
    name: "max_pool_channels_last with gaps",
    shapes: [[1, 7, 8, 2]],
    build: (x) => maxPoolChannelsLast(x, { kernel: 2, stride: [3, 1] }),
  },
  {
    name: "avg_pool2d",
    shapes: [[1, 2, 6, 5]],
    build: (x) => avgPool2d(x, { kernel: [3, 2], stride: 2, padding: [1, 0], countIncludePad: false }),
  },
  {
    name: "interpolate",
    shapes: [[1, 2, 5, 4]],
    build: (x) => interpolate(x, { mode: "bicubic", size: [3, 7] }),
  },
  {
    name: "batch_norm in training",
    shapes: [[3, 2, 2, 2], [2], [2], [2], [2]],
    build: (x, weight, bias, runningMean, runningVar) =>
      batchNorm(x, { weight, bias, runningMean, runningVar, training: true }).y,
  },
  {
    name: "batch_norm along the last axis",
    shapes: [[3, 2, 2, 4], [4], [4], [4], [4]],
    build: (x, weight, bias, runningMean, runningVar) =>
      batchNorm(x, { weight, bias, runningMean, runningVar, training: true, axis: -1 }).y,
  },
  {
    name: "widening_batch_norm",
    shapes: [[3, 2, 2, 2], [5, 2, 1, 1], [5], [5]],
    build: (x, weight, normWeight, bias) => wideningBatchNorm(x, weight, { weight: normWeight, bias }).y,
  },
  {
    name: "batch_norm in evaluation",
    shapes: [[3, 2, 2], [2], [2]],
    build: (x, weight, bias) => {
      const statistics = [[0.1, -0.2], [0.5, 1.5]].map((values) => constant(float32([2], values)));
      return batchNorm(x, {
        weight,
        bias,
        runningMean: statistics[0],
        runningVar: statistics[1],
        training: false,
      }).y;
    },
  },
  {
    name: "layer_norm",
    shapes: [[2, 4, 3], [4], [4]],
    build: (x, weight, bias) => layerNorm(x, { weight, bias, axis: 1 }),
  },
  {
    name: "layer_norm of the last axis",
    shapes: [[2, 3, 4], [4], [4]],
    build: (x, weight, bias) => layerNorm(x, { weight, bias }),
  },
  { name: "softmax", shapes: [[2, 3, 4]], build: (x) => softmax(x, 1) },
  { name: "log_softmax", shapes: [[2, 3]], build: (x) => logSoftmax(x, -1) },
  { name: "logsumexp", shapes: [[2, 3]], build: (x) => logSumExp(x, 0) },
  {
    name: "gumbel_softmax",
    shapes: [[2, 3], [2, 3]],
    build: (x, noise) => gumbelSoftmax(x, noise, { axis: 1, tau: 0.7 }),
  },
  {
    name: "cross_entropy",
    shapes: [[3, 4]],
    build: (logits) =>
      crossEntropy(logits, indices([3], [2, 0, 2]), { classWeights: constant(float32([4], [1, 2, 3, 4])) }),
  },
  { name: "norm", shapes: [[2, 3]], build: (x) => norm(x, 2, { axes: [1] }) },
  { name: "normalize", shapes: [[2, 3]], build: (x) => normalize(x, { axis: 1 }) },
  {
    name: "cosine_similarity",
    shapes: [[2, 3], [2, 3]],
    build: (a, b) => cosineSimilarity(a, b, { axis: -1 }),
  },
];
