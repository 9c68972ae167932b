/**
 * The first convolution of a network: from an image [N, ci, H, W] of few channels into [N, H', W', co]. Both of its
 * operations have a form in onnxruntime's blocked layout.
 */

import { type Program, program } from "../graph.ts";
import { int64 } from "../host_tensor.ts";
import {
  apply1,
  defineOp,
  type Emitter,
  Mismatch,
  type Tensor,
  type TensorType,
  type Values,
} from "../op.ts";
import { emptyValues, forEachIndex, offsetOf, stridesOf } from "../values.ts";
import { type ChannelsLastConvOptions, rowsOf, toChannelsFirst } from "./channels_last.ts";
import { convInputGradient } from "./conv.ts";
import { type Pair, pair } from "./conv_geometry.ts";
import { tapReads } from "./conv_weight_gradient.ts";
import { gemm } from "./gemm.ts";
import { reshape, transpose } from "./shape.ts";
import { concat, pad } from "./slice.ts";
import { input } from "./source.ts";

interface Geometry {
  readonly stride: Pair;
  readonly padding: Pair;
}

interface GradientGeometry extends Geometry {
  readonly kernel: Pair;
}

const convOp = defineOp<Geometry>({
  name: "image_conv2d",
  infer([x, weight], { stride, padding }) {
    if (x.dtype !== "float32" || weight.dtype !== "float32") throw new Mismatch("needs float32");
    if (x.shape.length !== 4 || weight.shape.length !== 4 || x.shape[1] !== weight.shape[1]) {
      throw new Mismatch("needs x [N, ci, H, W] and a weight [co, ci, kh, kw]");
    }
    const [out, , ...kernel] = weight.shape;
    const size = kernel.map((length, i) =>
      Math.floor((x.shape[2 + i] + 2 * padding[i] - length) / stride[i]) + 1
    );
    if (size.some((length) => length < 1)) {
      throw new Mismatch(`the kernel [${kernel}] does not fit into the padded image`);
    }
    return [{ dtype: x.dtype, shape: [x.shape[0], ...size, out] }];
  },
  vjp: ({ inputs: [x, weight], attributes, cotangents: [dy], wanted }) => [
    wanted[0] ? inputGradient(dy!, weight, x.shape, attributes) : undefined,
    wanted[1] ? imageWeightGradient(x, dy!, kernelOf(weight), attributes) : undefined,
  ],
  interpret([x, weight], geometry, [{ shape }]) {
    const y = emptyValues(shape);
    forEachTap(x, weight.shape, shape, geometry, (atX, atWeight, atY) => {
      y.data[atY] += x.data[atX] * weight.data[atWeight];
    });
    return [y];
  },
  forms([, { shape: [out, channels] }], { channelBlock: block }) {
    const fits = block !== undefined && out % block === 0 && channels < block;
    return fits ? ["blocked", "channels first"] : ["channels first"];
  },
  emit(to, { inputs: [x, weight], outputs: [y], attributes: { stride, padding }, inputTypes, form }) {
    const [out, channels, ...kernel] = inputTypes[1].shape;
    const geometry = { kernel_shape: kernel, strides: stride, pads: [...padding, ...padding] };
    const made = to.fresh();
    if (form === "blocked") {
      const block = to.target.channelBlock!;
      const byBlock = reshaped(to, weight, [out / block, block, channels * kernel[0] * kernel[1]]);
      const reordered = reshaped(to, transposed(to, byBlock, [0, 2, 1]), inputTypes[1].shape);
      to.node("com.microsoft.nchwc.Conv", [x, reordered], [made], geometry);
      to.node("com.microsoft.nchwc.ReorderOutput", [made], [y], { channels: out, channels_last: 1 });
    } else {
      to.node("Conv", [x, weight], [made], geometry);
      to.node("Transpose", [made], [y], { perm: [0, 2, 3, 1] });
    }
  },
});

/** With more blocks of output channels, products of matrices are faster than the blocked form. */
const MOST_BLOCKS = 2;

const weightGradientOp = defineOp<GradientGeometry>({
  name: "image_conv2d_weight_gradient",
  infer: ([x, dy], { kernel }) => [{ dtype: x.dtype, shape: [dy.shape[3], x.shape[1], ...kernel] }],
  vjp: ({ inputs: [x, dy], attributes, cotangents: [dw], wanted }) => [
    wanted[0] ? inputGradient(dy, dw!, x.shape, attributes) : undefined,
    wanted[1] ? apply1(convOp, [x, dw!], geometryOf(attributes)) : undefined,
  ],
  interpret([x, dy], geometry, [{ shape }]) {
    const dw = emptyValues(shape);
    forEachTap(x, shape, dy.shape, geometry, (atX, atWeight, atY) => {
      dw.data[atWeight] += x.data[atX] * dy.data[atY];
    });
    return [dw];
  },
  body: weightGradientProgram,
  forms([, { shape: [batch, , , out] }], { channelBlock: block }) {
    if (block === undefined || batch % block !== 0 || out % block !== 0) return ["products"];
    return out <= MOST_BLOCKS * block ? ["blocked", "products"] : ["products", "blocked"];
  },
  emit(to, { inputs: [x, dy], outputs: [dw], attributes, inputTypes, form }) {
    if (form === "blocked") return emitBlockedGradient(to, { x, dy, dw }, inputTypes, attributes);
    const given = new Map([["x", x], ["dy", dy]]);
    return [...to.inline(weightGradientProgram(inputTypes, attributes), given).values()];
  },
});

/** One matrix product for all taps; a product per tap would have only as many rows as x has channels. */
function weightGradientProgram([xType, dyType]: readonly TensorType[], geometry: GradientGeometry): Program {
  const { kernel: [height, width], stride, padding: [vertical, horizontal] } = geometry;
  const [x, dy] = [input("x", xType.dtype, xType.shape), input("dy", dyType.dtype, dyType.shape)];
  const padded = pad(x, [[0, 0], [0, 0], [vertical, vertical], [horizontal, horizontal]]);
  const byChannel = transpose(padded, [1, 0, 2, 3]);
  const [, channels] = x.shape;
  const [, ...size] = dy.shape;
  const taps = tapReads(byChannel, [2, 3], [height, width], size.slice(0, 2), { stride, dilation: [1, 1] });
  const reads = concat(Array.from(taps, (read) => reshape(read, [channels, -1])), 0);
  const byTap = reshape(gemm(reads, rowsOf(dy)), [height * width, channels, size[2]]);
  return program({ dw: reshape(transpose(byTap, [2, 1, 0]), [size[2], channels, height, width]) });
}

/**
 * The gradient as a convolution of x over dy as the kernel, in which images take the place of channels: the kernel's taps are
 * as far apart as the stride.
 */
function emitBlockedGradient(
  to: Emitter,
  { x, dy, dw }: Readonly<Record<"x" | "dy" | "dw", string>>,
  [{ shape: [batch, , ...lengths] }, { shape: [, height, width, out] }]: readonly TensorType[],
  { kernel, stride, padding }: GradientGeometry,
): void {
  const block = to.target.channelBlock!;
  const reach = [height, width].map((length, i) => stride[i] * (length - 1) + kernel[i]);
  const after = reach.map((length, i) => length - lengths[i] - padding[i]);
  const [padded, read, made, byImage] = [to.fresh(), to.fresh(), to.fresh(), to.fresh()];
  const pads = to.constant(int64([8], [0, 0, ...padding, 0, 0, ...after]));
  to.node("Pad", [transposed(to, x, [1, 0, 2, 3]), pads], [padded]);
  to.node("com.microsoft.nchwc.ReorderInput", [padded], [read]);
  const byBlock = reshaped(to, dy, [batch / block, block, height * width, out / block, block]);
  const taps = reshaped(to, transposed(to, byBlock, [3, 0, 2, 1, 4]), [out, batch, height, width]);
  to.node("com.microsoft.nchwc.Conv", [read, taps], [made], {
    kernel_shape: [height, width],
    dilations: stride,
  });
  to.node("com.microsoft.nchwc.ReorderOutput", [made], [byImage], { channels: out });
  to.node("Transpose", [byImage], [dw], { perm: [1, 0, 2, 3] });
}

function reshaped(to: Emitter, value: string, shape: readonly number[]): string {
  const name = to.fresh();
  to.node("Reshape", [value, to.constant(int64([shape.length], shape))], [name]);
  return name;
}

function transposed(to: Emitter, value: string, perm: readonly number[]): string {
  const name = to.fresh();
  to.node("Transpose", [value], [name], { perm });
  return name;
}

/** Visits every product of the convolution: the positions in x, weight and y. */
function forEachTap(
  { shape: xShape }: Values,
  weightShape: readonly number[],
  yShape: readonly number[],
  { stride, padding }: Geometry,
  visit: (atX: number, atWeight: number, atY: number) => void,
): void {
  const [strideX, strideWeight] = [stridesOf(xShape), stridesOf(weightShape)];
  forEachIndex(yShape, ([n, row, column, out], atY) => {
    forEachIndex(weightShape.slice(1), ([c, i, j]) => {
      const [h, w] = [row * stride[0] - padding[0] + i, column * stride[1] - padding[1] + j];
      if (h < 0 || w < 0 || h >= xShape[2] || w >= xShape[3]) return;
      visit(offsetOf([n, c, h, w], strideX), offsetOf([out, c, i, j], strideWeight), atY);
    });
  });
}

function inputGradient(dy: Tensor, weight: Tensor, shape: readonly number[], geometry: Geometry): Tensor {
  const attributes = { ...geometryOf(geometry), dilation: [1, 1], groups: 1 } as const;
  return convInputGradient(toChannelsFirst(dy), weight, shape, attributes);
}

function imageWeightGradient(x: Tensor, dy: Tensor, kernel: Pair, geometry: Geometry): Tensor {
  return apply1(weightGradientOp, [x, dy], { ...geometry, kernel });
}

function geometryOf({ stride, padding }: Geometry): Geometry {
  return { stride, padding };
}

function kernelOf({ shape: [, , height, width] }: TensorType): Pair {
  return [height, width];
}

/**
 * Cross-correlation of an image x [N, ci, H, W] with weight [co, ci, kh, kw]; the result is [N, H', W', co].
 *
 * @throws {GraphError} if the shapes do not match.
 */
export function imageConv(
  x: Tensor,
  weight: Tensor,
  { stride = 1, padding = 0 }: ChannelsLastConvOptions = {},
): Tensor {
  return apply1(convOp, [x, weight], { stride: pair(stride), padding: pair(padding) });
}
