/** Convolutions, products, pooling, normalisation, resampling and shapes of the suite `ops`. */

import { expand, tile } from "../../../lib/tensor/ops/broadcast.ts";
import { conv2d } from "../../../lib/tensor/ops/conv.ts";
import { gather, oneHot, padFrom, scatterAdd, take } from "../../../lib/tensor/ops/gather.ts";
import { linear, matmul } from "../../../lib/tensor/ops/matmul.ts";
import { batchNorm } from "../../../lib/tensor/ops/batch_norm.ts";
import { layerNorm } from "../../../lib/tensor/ops/normalization.ts";
import { avgPool2d, maxPool2d } from "../../../lib/tensor/ops/pool.ts";
import { interpolate } from "../../../lib/tensor/ops/resample.ts";
import { reshape, transpose } from "../../../lib/tensor/ops/shape.ts";
import { concat, flip, pad, slice } from "../../../lib/tensor/ops/slice.ts";
import { windowPartition, windowUnpartition } from "../../../lib/tensor/ops/window.ts";
import type { Build } from "../tensor_case.ts";
import * as composed from "./composed.ts";

export const builders: Record<string, Build> = {
  conv2d: ({ x, weight, bias }, params) => conv2d(x, weight, { ...params, bias }),
  conv_transpose2d: ({ x, weight, bias }, params) => composed.convTranspose2d(x, weight, bias, params),
  matmul: ({ a, b }) => matmul(a, b),
  linear: ({ x, weight, bias }) => linear(x, weight, bias),
  batch_norm({ x, weight, bias, running_mean, running_var }, { training, momentum, eps }) {
    const statistics = { runningMean: running_mean, runningVar: running_var };
    const { y, runningMean, runningVar } = batchNorm(x, {
      weight,
      bias,
      ...statistics,
      training,
      momentum,
      eps,
    });
    return { y, running_mean: runningMean, running_var: runningVar };
  },
  layer_norm: ({ x, weight, bias }, { axis, eps }) => layerNorm(x, { weight, bias, axis, eps }),
  max_pool2d: ({ x }, { kernel, stride, padding }) => {
    const { values, indices } = maxPool2d(x, { kernel, stride, padding });
    return { y: values, indices };
  },
  min_pool2d: ({ x }, { kernel }) => composed.minPool2d(x, kernel),
  avg_pool2d: ({ x }, { kernel, stride, padding, count_include_pad }) =>
    avgPool2d(x, { kernel, stride, padding, countIncludePad: count_include_pad }),
  global_avg_pool: ({ x }) => composed.globalAvgPool2d(x),
  global_max_pool: ({ x }) => composed.globalMaxPool2d(x),
  adaptive_avg_pool2d: ({ x }, { size }) => composed.adaptiveAvgPool2d(x, size),
  interpolate: ({ x }, { mode, size, align_corners, antialias }) =>
    interpolate(x, { mode, size, alignCorners: align_corners ?? false, antialias: antialias ?? false }),
  concat: (inputs, { axis }) => {
    const parts = Object.keys(inputs).filter((name) => /^x\d+$/.test(name)).sort((a, b) =>
      Number(a.slice(1)) - Number(b.slice(1))
    );
    return concat(parts.map((name) => inputs[name]), axis);
  },
  slice: ({ x }, { axes, starts, ends, steps }) => slice(x, { axes, starts, ends, steps }),
  flip: ({ x }, { axes }) => flip(x, axes),
  transpose: ({ x }, { perm }) => transpose(x, perm),
  reshape: ({ x }, { shape }) => reshape(x, shape),
  expand: ({ x }, { shape }) => expand(x, shape),
  tile: ({ x }, { repeats }) => tile(x, repeats),
  pad: ({ x }, { pads, mode, value }) =>
    mode === "constant" ? pad(x, pads, value ?? 0) : padFrom(x, pads, mode),
  gather: ({ x, index }, { axis }) => gather(x, axis, index),
  index_select: ({ x, index }, { axis }) => take(x, axis, index),
  scatter_add: ({ x, index, src }, { axis }) => scatterAdd(x, axis, index, src),
  one_hot: ({ labels }, { classes }) => oneHot(labels, classes),
  einsum: ({ a, b }, { equation }) => composed.einsum(equation, a, b),
  l2_squared_conv: ({ x, prototypes }) => composed.squaredDistance2d(x, prototypes),
  window_partition: ({ x }, { window }) => windowPartition(x, window),
  window_unpartition: ({ x }, { padded, size }) => windowUnpartition(x, { padded, size }),
};
