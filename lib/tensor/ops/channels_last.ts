/** Convolutions over [N, H, W, C] with weights [co, ci, kh, kw]: a 1×1 kernel is one matrix product. */

import { checked, composite, Mismatch, type Tensor } from "../op.ts";
import { conv2d, convInputGradient } from "./conv.ts";
import { type Pair, pair } from "./conv_geometry.ts";
import { tapReads } from "./conv_weight_gradient.ts";
import { gemm } from "./gemm.ts";
import { reshape, transpose } from "./shape.ts";
import { concat, flip, pad, slice } from "./slice.ts";

export interface ChannelsLastConvOptions {
  stride?: number | Pair;
  /** Zeros added on both sides. */
  padding?: number | Pair;
}

/** [N, H, W, C] to [N, C, H, W]. */
export function toChannelsFirst(x: Tensor): Tensor {
  return transpose(x, [0, 3, 1, 2]);
}

/** [N, C, H, W] to [N, H, W, C]. */
export function toChannelsLast(x: Tensor): Tensor {
  return transpose(x, [0, 2, 3, 1]);
}

/** Every position of [N, H, W, C] as a row. */
export function rowsOf(x: Tensor): Tensor {
  return reshape(x, [-1, x.shape.at(-1)!]);
}

/**
 * Cross-correlation of x [N, H, W, ci] with weight [co, ci, kh, kw]; the result is [N, H', W', co].
 *
 * @throws {GraphError} when the shapes do not fit.
 */
export function convChannelsLast(
  x: Tensor,
  weight: Tensor,
  { stride = 1, padding = 0 }: ChannelsLastConvOptions = {},
): Tensor {
  const geometry = { stride: pair(stride), padding: pair(padding) };
  return checked("conv2d_channels_last", [x, weight], geometry, () => {
    if (x.shape.length !== 4 || weight.shape.length !== 4 || x.shape[3] !== weight.shape[1]) {
      throw new Mismatch("needs x [N, H, W, ci] and a weight [co, ci, kh, kw]");
    }
    const [, , height, width] = weight.shape;
    if (height === 1 && width === 1 && geometry.padding.every((n) => n === 0)) {
      return pointwise(x, weight, geometry.stride);
    }
    const lower = () => [toChannelsLast(conv2d(toChannelsFirst(x), weight, geometry))];
    return composite("conv2d_channels_last", [x, weight], lower, ({ cotangents: [dy], wanted }) => [
      wanted[0] ? inputGradient(dy!, weight, x.shape, geometry) : undefined,
      wanted[1] ? weightGradient(x, dy!, weight.shape, geometry) : undefined,
    ])[0];
  });
}

/** A 1×1 convolution: the read positions are rows, the weight a matrix. */
function pointwise(x: Tensor, weight: Tensor, stride: Pair): Tensor {
  const read = slice(x, { axes: [1, 2], starts: [0, 0], ends: x.shape.slice(1, 3), steps: stride });
  const [out, channels] = weight.shape;
  const y = gemm(rowsOf(read), reshape(weight, [out, channels]), { transposeB: true });
  return reshape(y, [...read.shape.slice(0, 3), out]);
}

interface Geometry {
  stride: Pair;
  padding: Pair;
}

/** At stride 1 the convolution of the cotangent with the kernel turned by 180°, else the transposed convolution. */
function inputGradient(
  dy: Tensor,
  weight: Tensor,
  xShape: readonly number[],
  { stride, padding }: Geometry,
): Tensor {
  const [, channels, height, width] = weight.shape;
  const across: Pair = [height - 1 - padding[0], width - 1 - padding[1]];
  if (stride.every((n) => n === 1) && across.every((n) => n >= 0)) {
    return toChannelsLast(conv2d(toChannelsFirst(dy), turned(weight), { padding: across }));
  }
  const [batch, rows, columns] = xShape;
  const attributes = { stride, padding, dilation: [1, 1] as const, groups: 1 };
  return toChannelsLast(
    convInputGradient(toChannelsFirst(dy), weight, [batch, channels, rows, columns], attributes),
  );
}

/** [co, ci, kh, kw] to [ci, co, kh, kw], both kernel axes reversed. Only transposes of matrices: they are fast. */
function turned(weight: Tensor): Tensor {
  const [out, channels, height, width] = weight.shape;
  const taps = height * width;
  const byTap = flip(transpose(reshape(weight, [out * channels, taps]), [1, 0]), [0]);
  const exchanged = transpose(reshape(byTap, [taps, out, channels]), [0, 2, 1]);
  const back = transpose(reshape(exchanged, [taps, channels * out]), [1, 0]);
  return reshape(back, [channels, out, height, width]);
}

/** For every tap of the kernel the product of the cotangent with the positions of x that the tap reads. */
function weightGradient(
  x: Tensor,
  dy: Tensor,
  [out, channels, kernelHeight, kernelWidth]: readonly number[],
  { stride, padding }: Geometry,
): Tensor {
  const padded = pad(x, [[0, 0], [padding[0], padding[0]], [padding[1], padding[1]], [0, 0]]);
  const rows = rowsOf(dy);
  const kernel: Pair = [kernelHeight, kernelWidth];
  const geometry = { stride, dilation: [1, 1] } as const;
  const taps = tapReads(padded, [1, 2], kernel, dy.shape.slice(1, 3), geometry).map((read) =>
    reshape(gemm(rows, rowsOf(read), { transposeA: true }), [1, out * channels])
  );
  return reshape(transpose(concat(taps, 0), [1, 0]), [out, channels, kernelHeight, kernelWidth]);
}
