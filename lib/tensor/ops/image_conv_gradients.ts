/** The gradients of a convolution of images [N, ci, H, W] into [N, H', W', co]. */

import { type Program, program } from "../graph.ts";
import { int64 } from "../host_tensor.ts";
import { apply1, defineOp, type Emitter, type Tensor, type TensorType, type Values } from "../op.ts";
import { emptyValues, forEachIndex, offsetOf, stridesOf } from "../values.ts";
import { rowsOf, toChannelsFirst, toChannelsLast } from "./channels_last.ts";
import { conv2d, convInputGradient } from "./conv.ts";
import type { ConvGeometry, Pair } from "./conv_geometry.ts";
import { tapReads } from "./conv_weight_gradient.ts";
import { reshaped, transposed } from "./emitted_shapes.ts";
import { gemm } from "./gemm.ts";
import { reshape, transpose } from "./shape.ts";
import { concat, pad } from "./slice.ts";
import { input } from "./source.ts";

interface GradientGeometry extends ConvGeometry {
  readonly kernel: Pair;
}

/** With more blocks of output channels, products of matrices are faster than the blocked form. */
const MOST_BLOCKS = 2;

const weightGradientOp = defineOp<GradientGeometry>({
  name: "image_conv2d_weight_gradient",
  infer: ([x, dy], { kernel }) => [{ dtype: x.dtype, shape: [dy.shape[3], x.shape[1], ...kernel] }],
  vjp: ({ inputs: [x, dy], attributes, cotangents: [dw], wanted }) => [
    wanted[0] ? imageInputGradient(dy, dw!, x.shape, attributes) : undefined,
    wanted[1] ? toChannelsLast(conv2d(x, dw!, geometryOf(attributes))) : undefined,
  ],
  interpret([x, dy], geometry, [{ shape }]) {
    const dw = emptyValues(shape);
    forEachImageTap(x, shape, dy.shape, geometry, (atX, atWeight, atY) => {
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

/** The gradient of x for a cotangent dy [N, H', W', co]; `shape` is that of x. */
export function imageInputGradient(
  dy: Tensor,
  weight: Tensor,
  shape: readonly number[],
  geometry: ConvGeometry,
): Tensor {
  const attributes = { ...geometryOf(geometry), dilation: [1, 1], groups: 1 } as const;
  return convInputGradient(toChannelsFirst(dy), weight, shape, attributes);
}

/** The gradient of the weight for a cotangent dy [N, H', W', co]; `kernel` is its height and width. */
export function imageWeightGradient(
  x: Tensor,
  dy: Tensor,
  kernel: Pair,
  geometry: ConvGeometry,
): Tensor {
  return apply1(weightGradientOp, [x, dy], { ...geometry, kernel });
}

function geometryOf({ stride, padding }: ConvGeometry): ConvGeometry {
  return { stride, padding };
}

/** Visits every product of the convolution: the positions in x, weight and y. */
export function forEachImageTap(
  { shape: xShape }: Values,
  weightShape: readonly number[],
  yShape: readonly number[],
  { stride, padding }: ConvGeometry,
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
