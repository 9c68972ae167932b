/** For every differentiable operation a graph that contains it, to compare gradients with finite differences. */

import { gradients } from "../../lib/tensor/grad.ts";
import type { Tensor } from "../../lib/tensor/op.ts";
import {
  add,
  div,
  log,
  maximum,
  minimum,
  mul,
  neg,
  pow,
  sub,
  where,
} from "../../lib/tensor/ops/arithmetic.ts";
import { expand, sum, tile } from "../../lib/tensor/ops/broadcast.ts";
import { convChannelsLast } from "../../lib/tensor/ops/channels_last.ts";
import { checkpoint } from "../../lib/tensor/ops/checkpoint.ts";
import { conv2d, convInputGradient } from "../../lib/tensor/ops/conv.ts";
import { logSimilarity } from "../../lib/tensor/ops/distance.ts";
import * as elementwise from "../../lib/tensor/ops/elementwise.ts";
import { gather, padFrom, scatterAdd, take } from "../../lib/tensor/ops/gather.ts";
import { gemm } from "../../lib/tensor/ops/gemm.ts";
import { imageConv } from "../../lib/tensor/ops/image_conv.ts";
import { linear, matmul } from "../../lib/tensor/ops/matmul.ts";
import { multiHeadAttention } from "../../lib/tensor/ops/multi_head_attention.ts";
import { cumsum, max, min, topk } from "../../lib/tensor/ops/order.ts";
import { amax, amin, mean, prod } from "../../lib/tensor/ops/reduce.ts";
import { attention } from "../../lib/tensor/ops/softmax.ts";
import { reshape, transpose } from "../../lib/tensor/ops/shape.ts";
import { concat, flip, pad, slice } from "../../lib/tensor/ops/slice.ts";
import { windowPartition, windowUnpartition } from "../../lib/tensor/ops/window.ts";
import { type GradientCase, indices, mask, POSITIVE } from "./gradient_case.ts";
import { LAYER_GRADIENT_CASES } from "./layer_gradient_cases.ts";

const unary: GradientCase[] = Object.entries({
  relu: elementwise.relu,
  finite_relu: elementwise.finiteRelu,
  sigmoid: elementwise.sigmoid,
  tanh: elementwise.tanh,
  exp: elementwise.exp,
  abs: elementwise.abs,
  sign: elementwise.sign,
  floor: elementwise.floor,
  ceil: elementwise.ceil,
  sin: elementwise.sin,
  cos: elementwise.cos,
  erf: elementwise.erf,
  gelu: (x: Tensor) => elementwise.gelu(x),
  gelu_tanh: (x: Tensor) => elementwise.gelu(x, { approximate: "tanh" }),
  log1p: elementwise.log1p,
  neg,
  checkpoint: (x: Tensor) => mul(checkpoint(mul(x, x)), x),
  checkpoint_gradient: (x: Tensor) => gradients(sum(mul(checkpoint(x), mul(x, x))), [x])[0],
  clamp: (x: Tensor) => elementwise.clamp(x, { min: -0.5, max: 0.5 }),
  cast: (x: Tensor) => mul(x, elementwise.cast(elementwise.cast(x, "float32"), "float32")),
}).map(([name, build]) => ({ name, shapes: [[3, 4]], build }));

const positive: GradientCase[] = Object.entries({
  log,
  sqrt: elementwise.sqrt,
  rsqrt: elementwise.rsqrt,
  reciprocal: elementwise.reciprocal,
  log_similarity: logSimilarity,
}).map(([name, build]) => ({ name, shapes: [[3, 4]], build, range: POSITIVE }));

const binary: GradientCase[] = Object.entries({ add, sub, mul, div, maximum, minimum, pow }).map((
  [name, build],
) => ({ name, shapes: [[2, 3, 4], [3, 1]], build, range: POSITIVE }));

const reductions: GradientCase[] = Object.entries({
  sum,
  mean,
  amax,
  amin,
  prod,
}).flatMap(([name, build]) => [
  { name, shapes: [[2, 3, 4]], build: (x: Tensor) => build(x, { axes: [0, 2] }) },
  { name: `${name} of all`, shapes: [[2, 3]], build: (x: Tensor) => build(x) },
]);

const structure: GradientCase[] = [
  { name: "reshape", shapes: [[2, 6]], build: (x) => reshape(x, [3, -1]) },
  { name: "transpose", shapes: [[2, 3, 4]], build: (x) => transpose(x, [2, 0, 1]) },
  { name: "expand", shapes: [[3, 1]], build: (x) => expand(x, [2, 3, 4]) },
  { name: "tile", shapes: [[2, 3]], build: (x) => tile(x, [2, 1, 3]) },
  { name: "concat", shapes: [[2, 3], [2, 1]], build: (a, b) => concat([a, b, a], -1) },
  {
    name: "slice",
    shapes: [[5, 7]],
    build: (x) => slice(x, { axes: [0, 1], starts: [1, -2], ends: [4, 0], steps: [1, -2] }),
  },
  {
    name: "slice with a step",
    shapes: [[8, 7]],
    build: (x) => slice(x, { axes: [0, 1], starts: [1, 0], ends: [8, 7], steps: [3, 2] }),
  },
  { name: "flip", shapes: [[3, 4]], build: (x) => flip(x, [1]) },
  { name: "pad", shapes: [[2, 3]], build: (x) => pad(x, [[1, 0], [0, 2]], 0.5) },
  { name: "pad_from", shapes: [[4, 5]], build: (x) => padFrom(x, [[1, 2], [3, 1]], "reflect") },
  { name: "gather", shapes: [[3, 4]], build: (x) => gather(x, 0, indices([2, 3], [0, 2, 2, 0, 1, -1])) },
  {
    name: "scatter_add",
    shapes: [[3, 4], [2, 3]],
    build: (x, source) => scatterAdd(x, 0, indices([2, 3], [0, 2, 2, 0, 1, -1]), source),
  },
  { name: "take", shapes: [[2, 3, 4]], build: (x) => take(x, 1, indices([2, 2], [0, 2, -1, 0])) },
  { name: "where", shapes: [[2, 3], [3]], build: (a, b) => where(mask([2, 1], [1, 0]), a, b) },
  { name: "max", shapes: [[3, 4]], build: (x) => max(x, 1).values },
  { name: "min", shapes: [[3, 4]], build: (x) => min(x, 0, { keepdim: true }).values },
  { name: "topk", shapes: [[3, 6]], build: (x) => topk(x, 3, 1).values },
  { name: "cumsum", shapes: [[3, 4]], build: (x) => cumsum(x, 0) },
  { name: "window_partition", shapes: [[1, 5, 4, 2]], build: (x) => windowPartition(x, 3) },
  {
    name: "window_unpartition",
    shapes: [[4, 3, 3, 2]],
    build: (x) => windowUnpartition(x, { padded: [6, 6], size: [5, 4] }),
  },
];

const products: GradientCase[] = [
  { name: "matmul", shapes: [[2, 3, 4], [4, 5]], build: matmul },
  { name: "matmul of batches", shapes: [[2, 1, 3, 4], [3, 4, 2]], build: matmul },
  { name: "matmul with a vector", shapes: [[3, 4], [4]], build: matmul },
  { name: "linear", shapes: [[2, 3], [4, 3], [4]], build: linear },
  {
    name: "attention",
    shapes: [[2, 3, 4], [2, 5, 4], [2, 5, 3]],
    build: (q, k, v) => attention(q, k, v, { scale: 0.5 }),
  },
  {
    name: "multi_head_attention",
    shapes: [[2, 3, 4], [2, 5, 4], [2, 5, 6]],
    build: (q, k, v) => multiHeadAttention(q, k, v, { heads: 2, scale: 0.5 }),
  },
  {
    name: "conv2d",
    shapes: [[2, 4, 6, 5], [6, 2, 3, 2], [6]],
    build: (x, weight, bias) =>
      conv2d(x, weight, { bias, stride: [2, 1], padding: [1, 2], dilation: [1, 2], groups: 2 }),
  },
  {
    name: "conv2d of 1×1",
    shapes: [[1, 3, 4, 5], [2, 3, 1, 1]],
    build: (x, weight) => conv2d(x, weight, { stride: 2 }),
  },
  {
    name: "conv_transpose2d",
    shapes: [[1, 4, 3, 2], [4, 3, 3, 2]],
    build: (dy, weight) =>
      convInputGradient(dy, weight, [1, 6, 6, 5], {
        stride: [2, 3],
        padding: [1, 1],
        dilation: [1, 1],
        groups: 2,
      }),
  },
  { name: "gemm", shapes: [[3, 4], [4, 2]], build: (a, b) => gemm(a, b) },
  {
    name: "gemm with a bias",
    shapes: [[3, 4], [4, 2], [2]],
    build: (a, b, bias) => gemm(a, b, { bias }),
  },
  {
    name: "gemm with a transposed",
    shapes: [[4, 3], [4, 2]],
    build: (a, b) => gemm(a, b, { transposeA: true }),
  },
  {
    name: "gemm with b transposed",
    shapes: [[3, 4], [2, 4]],
    build: (a, b) => gemm(a, b, { transposeB: true }),
  },
  {
    name: "gemm with both transposed",
    shapes: [[4, 3], [2, 4]],
    build: (a, b) => gemm(a, b, { transposeA: true, transposeB: true }),
  },
  {
    name: "conv2d_channels_last",
    shapes: [[2, 4, 5, 2], [3, 2, 3, 3]],
    build: (x, weight) => convChannelsLast(x, weight, { padding: 1 }),
  },
  {
    name: "conv2d_channels_last with strides",
    shapes: [[2, 6, 5, 2], [3, 2, 3, 2]],
    build: (x, weight) => convChannelsLast(x, weight, { stride: [2, 1], padding: [1, 0] }),
  },
  {
    name: "image_conv2d",
    shapes: [[2, 3, 7, 6], [4, 3, 3, 2]],
    build: (x, weight) => imageConv(x, weight, { stride: 2, padding: 1 }),
  },
  {
    name: "image_conv2d_weight_gradient",
    shapes: [[2, 3, 7, 6], [2, 3, 3, 2], [2, 4, 4, 2]],
    build: (x, weight, dy) => {
      const output = imageConv(x, weight, { stride: 2, padding: 1 });
      return gradients([{ output, cotangent: dy }], [weight])[0];
    },
  },
  {
    name: "conv2d_channels_last with gaps",
    shapes: [[2, 7, 8, 2], [3, 2, 2, 2]],
    build: (x, weight) => convChannelsLast(x, weight, { stride: 3 }),
  },
  {
    name: "conv2d_channels_last of 1×1",
    shapes: [[2, 5, 4, 3], [2, 3, 1, 1]],
    build: (x, weight) => convChannelsLast(x, weight, { stride: 2 }),
  },
];

export const GRADIENT_CASES: readonly GradientCase[] = [
  ...unary,
  ...positive,
  ...binary,
  ...reductions,
  ...structure,
  ...products,
  ...LAYER_GRADIENT_CASES,
];
