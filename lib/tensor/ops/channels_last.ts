/** Convolutions over [N, H, W, C] with weights [co, ci, kh, kw]. A 1×1 kernel is one matrix product. */

import { apply1, checked, defineOp, type Emitter, type Tensor } from "../op.ts";
import { emptyValues, forEachIndex, offsetOf, stridesOf } from "../values.ts";
import { type ConvGeometry, convType, type Pair, pair } from "./conv_geometry.ts";
import { tapReads } from "./conv_weight_gradient.ts";
import { reshaped, transposed } from "./emitted_shapes.ts";
import { gemm } from "./gemm.ts";
import { reshape, transpose } from "./shape.ts";
import { concat, flip, interleave, pad, slice } from "./slice.ts";
import { zeros } from "./source.ts";

/** Stride (1 by default) and padding (0), for both directions or as [vertical, horizontal]. */
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

/** Reshapes [N, H, W, C] to a matrix with one row per position. */
export function rowsOf(x: Tensor): Tensor {
  return reshape(x, [-1, x.shape.at(-1)!]);
}

const convOp = defineOp<ConvGeometry>({
  name: "conv2d_channels_last",
  infer: (types, geometry) => [convType(types, 3, geometry)],
  vjp: ({ inputs: [x, weight], attributes, cotangents: [dy], wanted }) => [
    wanted[0] ? inputGradient(dy!, weight, x.shape, attributes) : undefined,
    wanted[1] ? weightGradient(x, dy!, weight.shape, attributes) : undefined,
  ],
  interpret([x, weight], { stride, padding }, [{ shape }]) {
    const y = emptyValues(shape);
    const [, height, width, channels] = x.shape;
    const [strideX, strideWeight] = [stridesOf(x.shape), stridesOf(weight.shape)];
    forEachIndex(shape, ([n, row, column, out], at) => {
      forEachIndex([channels, ...weight.shape.slice(2)], ([c, i, j]) => {
        const [h, w] = [row * stride[0] - padding[0] + i, column * stride[1] - padding[1] + j];
        if (h < 0 || w < 0 || h >= height || w >= width) return;
        y.data[at] += x.data[offsetOf([n, h, w, c], strideX)] *
          weight.data[offsetOf([out, c, i, j], strideWeight)];
      });
    });
    return [y];
  },
  forms([, { shape: [out, channels] }], { channelBlock: block }) {
    const fits = block !== undefined && out % block === 0 && channels % block === 0;
    return fits ? ["blocked", "channels first"] : ["channels first"];
  },
  emit(to, { inputs: [x, weight], outputs: [y], attributes: { stride, padding }, inputTypes, form }) {
    const { shape } = inputTypes[1];
    const geometry = { kernel_shape: shape.slice(2), strides: stride, pads: [...padding, ...padding] };
    const [read, made] = [to.fresh(), to.fresh()];
    if (form === "blocked") {
      to.node("com.microsoft.nchwc.ReorderInput", [x], [read], { channels_last: 1 });
      const reordered = emitBlockedWeight(to, weight, shape, to.target.channelBlock!);
      to.node("com.microsoft.nchwc.Conv", [read, reordered], [made], geometry);
      to.node("com.microsoft.nchwc.ReorderOutput", [made], [y], { channels: shape[0], channels_last: 1 });
    } else {
      to.node("Transpose", [x], [read], { perm: [0, 3, 1, 2] });
      to.node("Conv", [read, weight], [made], geometry);
      to.node("Transpose", [made], [y], { perm: [0, 2, 3, 1] });
    }
  },
});

/**
 * Reorders a weight [co, ci, kh, kw] to onnxruntime's blocked layout, [co/b, ci/b, kh, kw, b of ci, b of co],
 * without changing its shape. Uses two matrix transposes, which are faster than a general transpose.
 */
function emitBlockedWeight(
  to: Emitter,
  weight: string,
  [out, channels, height, width]: readonly number[],
  block: number,
): string {
  const taps = height * width;
  const byBlock = reshaped(to, weight, [out / block, block, channels * taps]);
  const blocks = (out / block) * (channels / block);
  const outLast = reshaped(to, transposed(to, byBlock, [0, 2, 1]), [blocks, block, taps, block]);
  return reshaped(to, transposed(to, outLast, [0, 2, 1, 3]), [out, channels, height, width]);
}

/**
 * Cross-correlation of x [N, H, W, ci] with weight [co, ci, kh, kw]; the result is [N, H', W', co].
 *
 * @throws {GraphError} if the shapes do not match.
 */
export function convChannelsLast(
  x: Tensor,
  weight: Tensor,
  { stride = 1, padding = 0 }: ChannelsLastConvOptions = {},
): Tensor {
  const geometry = { stride: pair(stride), padding: pair(padding) };
  const isPointwise = weight.shape.slice(2).join() === "1,1" && geometry.padding.every((n) => n === 0);
  return isPointwise ? pointwise(x, weight, geometry) : apply1(convOp, [x, weight], geometry);
}

/** A 1×1 convolution as the product of the positions' rows and the weight matrix. */
function pointwise(x: Tensor, weight: Tensor, geometry: ConvGeometry): Tensor {
  return checked("conv2d_channels_last", [x, weight], geometry, () => {
    convOp.infer([x, weight], geometry);
    const size = x.shape.slice(1, 3);
    const read = slice(x, { axes: [1, 2], starts: [0, 0], ends: size, steps: geometry.stride });
    const [out, channels] = weight.shape;
    const y = gemm(rowsOf(read), reshape(weight, [out, channels]), { transposeB: true });
    return reshape(y, [...read.shape.slice(0, 3), out]);
  });
}

/**
 * The gradient of x: for every phase of the stride, the convolution of the cotangent with the taps that reach
 * the phase, rotated by 180°. Unlike a convolution over a dilated cotangent, it computes no products with
 * zeros.
 */
function inputGradient(
  dy: Tensor,
  weight: Tensor,
  xShape: readonly number[],
  geometry: ConvGeometry,
): Tensor {
  const { stride, padding } = geometry;
  const rows = Array.from({ length: stride[0] }, (_, vertical) => {
    const columns = Array.from({ length: stride[1] }, (_, horizontal) => {
      const phases = [vertical, horizontal].map((phase, i) =>
        phaseOf(phase, {
          stride: stride[i],
          padding: padding[i],
          kernel: weight.shape[2 + i],
          length: Math.ceil(xShape[1 + i] / stride[i]),
          from: dy.shape[1 + i],
        })
      );
      return phaseGradient(dy, weight, phases, stride);
    });
    return interleave(columns, 2);
  });
  const whole = interleave(rows, 1);
  return slice(whole, { axes: [1, 2], starts: [0, 0], ends: xShape.slice(1, 3) });
}

/** How the gradient at the positions a, a + s, … of x along one axis is computed from the cotangent. */
interface Phase {
  /** The first tap that reaches these positions; every s-th tap after it does too. */
  readonly firstTap: number;
  readonly taps: number;
  /** Zeros to add before and after the cotangent; negative numbers remove elements. */
  readonly before: number;
  readonly after: number;
  /** The number of positions. */
  readonly length: number;
}

/**
 * x[a + s·j] contributes to y[j + (a + padding − tap)/s] for every tap for which this index is an integer.
 */
function phaseOf(
  phase: number,
  { stride, padding, kernel, length, from }: Record<
    "stride" | "padding" | "kernel" | "length" | "from",
    number
  >,
): Phase {
  const firstTap = (phase + padding) % stride;
  const taps = Math.max(0, Math.ceil((kernel - firstTap) / stride));
  const highest = (phase + padding - firstTap) / stride;
  const before = taps - 1 - highest;
  return { firstTap, taps, before, after: length - from - before + taps - 1, length };
}

function phaseGradient(dy: Tensor, weight: Tensor, phases: readonly Phase[], stride: Pair): Tensor {
  const [batch] = dy.shape;
  const channels = weight.shape[1];
  const [rows, columns] = phases;
  if (rows.taps === 0 || columns.taps === 0) return zeros([batch, rows.length, columns.length, channels]);
  const taps = slice(weight, {
    axes: [2, 3],
    starts: phases.map(({ firstTap }) => firstTap),
    ends: weight.shape.slice(2),
    steps: stride,
  });
  const cut = slice(dy, {
    axes: [1, 2],
    starts: phases.map(({ before }) => Math.max(0, -before)),
    ends: phases.map(({ after }, i) => dy.shape[1 + i] - Math.max(0, -after)),
  });
  const even = phases.every(({ before, after }) => before === after && before >= 0);
  const zerosAround = phases.map((
    { before, after },
  ): [number, number] => [Math.max(0, before), Math.max(0, after)]);
  const read = even ? cut : pad(cut, [[0, 0], ...zerosAround, [0, 0]]);
  const padding: Pair = even ? [rows.before, columns.before] : [0, 0];
  return convChannelsLast(read, turned(taps), { padding });
}

/**
 * [co, ci, kh, kw] to [ci, co, kh, kw] with both kernel axes reversed. Uses only matrix transposes, which are
 * fast.
 */
function turned(weight: Tensor): Tensor {
  const [out, channels, height, width] = weight.shape;
  const taps = height * width;
  const byTap = flip(transpose(reshape(weight, [out * channels, taps]), [1, 0]), [0]);
  const exchanged = transpose(reshape(byTap, [taps, out, channels]), [0, 2, 1]);
  const back = transpose(reshape(exchanged, [taps, channels * out]), [1, 0]);
  return reshape(back, [channels, out, height, width]);
}

/** For every tap of the kernel, the product of the cotangent with the positions of x that the tap reads. */
function weightGradient(
  x: Tensor,
  dy: Tensor,
  [out, channels, kernelHeight, kernelWidth]: readonly number[],
  { stride, padding }: ConvGeometry,
): Tensor {
  const padded = pad(x, [[0, 0], [padding[0], padding[0]], [padding[1], padding[1]], [0, 0]]);
  const rows = rowsOf(dy);
  const kernel: Pair = [kernelHeight, kernelWidth];
  const geometry = { stride, dilation: [1, 1] } as const;
  const reads = tapReads(padded, [1, 2], kernel, dy.shape.slice(1, 3), geometry);
  const taps = Array.from(
    reads,
    (read) => reshape(gemm(rows, rowsOf(read), { transposeA: true }), [1, out * channels]),
  );
  return reshape(transpose(concat(taps, 0), [1, 0]), [out, channels, kernelHeight, kernelWidth]);
}
