/** Pooling over the last two axes of [N, C, H, W]. */

import { float32, int64 } from "../host_tensor.ts";
import { apply, apply1, defineOp, Mismatch, type Tensor, type TensorType } from "../op.ts";
import { emptyValues, forEachIndex, offsetOf, stridesOf } from "../values.ts";
import { div } from "./arithmetic.ts";
import { convInputGradient } from "./conv.ts";
import { type ConvGeometry, type Pair, pair, slidSize } from "./conv_geometry.ts";
import { scatterAdd } from "./gather.ts";
import type { Chosen } from "./order.ts";
import { reshape } from "./shape.ts";
import { constant, full, zeros } from "./source.ts";

interface PoolAttributes extends ConvGeometry {
  kernel: Pair;
}

function pooledShape(x: TensorType, { kernel, stride, padding }: PoolAttributes): number[] {
  if (x.dtype !== "float32" || x.shape.length !== 4) throw new Mismatch("needs float32 [N, C, H, W]");
  if ([...kernel, ...stride].some((n) => !Number.isInteger(n) || n < 1)) {
    throw new Mismatch("kernel and stride must be positive integers");
  }
  if (padding.some((n, i) => !Number.isInteger(n) || n < 0 || n > kernel[i] / 2)) {
    throw new Mismatch("the padding must be from 0 to half of the kernel");
  }
  const [images, channels, ...size] = x.shape;
  return [images, channels, ...slidSize(size, kernel, { stride, padding })];
}

/** Visits the elements of every window in row-major order, without those of the padding. */
function forEachInWindow(
  xShape: readonly number[],
  yShape: readonly number[],
  { kernel, stride, padding }: PoolAttributes,
  visit: (atY: number, atX: number, inPlane: number) => void,
): void {
  const strides = stridesOf(xShape);
  forEachIndex(yShape, ([n, c, row, column], atY) => {
    forEachIndex(kernel, ([i, j]) => {
      const h = row * stride[0] - padding[0] + i;
      const w = column * stride[1] - padding[1] + j;
      if (h < 0 || w < 0 || h >= xShape[2] || w >= xShape[3]) return;
      visit(atY, offsetOf([n, c, h, w], strides), h * xShape[3] + w);
    });
  });
}

function onnxAttributes({ kernel, stride, padding }: PoolAttributes) {
  return { kernel_shape: kernel, strides: stride, pads: [...padding, ...padding] };
}

const maxPoolOp = defineOp<PoolAttributes>({
  name: "max_pool2d",
  infer([x], attributes) {
    const shape = pooledShape(x, attributes);
    return [{ dtype: x.dtype, shape }, { dtype: "int64", shape }];
  },
  vjp({ inputs: [x], outputs: [, indices], cotangents: [dy] }) {
    if (!dy) return [undefined];
    const [batch, channels, height, width] = x.shape;
    const planes = (tensor: Tensor) => reshape(tensor, [batch * channels, -1]);
    const gradient = scatterAdd(zeros([batch * channels, height * width]), 1, planes(indices), planes(dy));
    return [reshape(gradient, x.shape)];
  },
  interpret([x], attributes, [{ shape }]) {
    const [y, indices] = [emptyValues(shape), emptyValues(shape)];
    y.data.fill(-Infinity);
    indices.data.fill(-1);
    forEachInWindow(x.shape, shape, attributes, (atY, atX, inPlane) => {
      if (indices.data[atY] >= 0 && !(x.data[atX] > y.data[atY])) return;
      y.data[atY] = x.data[atX];
      indices.data[atY] = inPlane;
    });
    return [y, indices];
  },
  emit(to, { inputs, outputs: [y, indices], attributes, inputTypes: [{ shape }] }) {
    const flat = indices === "" ? "" : to.fresh();
    to.node("MaxPool", inputs, [y || to.fresh(), flat], onnxAttributes(attributes));
    if (indices === "") return;
    // ONNX indices count from the start of the tensor, not of the plane.
    to.node("Mod", [flat, to.constant(int64([], [shape[2] * shape[3]]))], [indices]);
  },
});

const avgPoolOp = defineOp<PoolAttributes & { countIncludePad: boolean }>({
  name: "avg_pool2d",
  infer: ([x], attributes) => [{ dtype: x.dtype, shape: pooledShape(x, attributes) }],
  vjp({ inputs: [x], attributes, cotangents: [dy] }) {
    const { kernel, stride, padding } = attributes;
    const [batch, channels, height, width] = x.shape;
    const share = reshape(div(dy!, windowSizes(x.shape, dy!.shape, attributes)), [
      batch * channels,
      1,
      dy!.shape[2],
      dy!.shape[3],
    ]);
    const ones = full([1, 1, ...kernel], 1);
    const attributesOfConv = { stride, padding, dilation: [1, 1] as const, groups: 1 };
    const gradient = convInputGradient(share, ones, [batch * channels, 1, height, width], attributesOfConv);
    return [reshape(gradient, x.shape)];
  },
  interpret([x], attributes, [{ shape }]) {
    const y = emptyValues(shape);
    const counts = emptyValues(shape);
    forEachInWindow(x.shape, shape, attributes, (atY, atX) => {
      y.data[atY] += x.data[atX];
      counts.data[atY]++;
    });
    const whole = attributes.kernel[0] * attributes.kernel[1];
    return [{
      shape,
      data: y.data.map((total, at) => total / (attributes.countIncludePad ? whole : counts.data[at])),
    }];
  },
  emit: (to, { inputs, outputs, attributes }) =>
    to.node("AveragePool", inputs, outputs, {
      ...onnxAttributes(attributes),
      count_include_pad: attributes.countIncludePad ? 1 : 0,
    }),
});

/** The divisor of every window: a number, or a map if padding is not counted. */
function windowSizes(
  xShape: readonly number[],
  yShape: readonly number[],
  attributes: PoolAttributes & { countIncludePad: boolean },
): Tensor | number {
  const { kernel, padding, countIncludePad } = attributes;
  if (countIncludePad || padding.every((n) => n === 0)) return kernel[0] * kernel[1];
  const shape = [1, 1, yShape[2], yShape[3]];
  const counts = new Float32Array(yShape[2] * yShape[3]);
  forEachInWindow([1, 1, xShape[2], xShape[3]], shape, attributes, (atY) => counts[atY]++);
  return constant(float32(shape, counts));
}

export interface PoolOptions {
  kernel: number | Pair;
  /** The kernel by default. */
  stride?: number | Pair;
  /** Added on both sides, at most half of the kernel. */
  padding?: number | Pair;
}

function poolAttributes({ kernel, stride = kernel, padding = 0 }: PoolOptions): PoolAttributes {
  return { kernel: pair(kernel), stride: pair(stride), padding: pair(padding) };
}

/**
 * The largest element of every window, and its position in the plane, row·W + column (int64). Ties: the first in
 * row-major order. Gradients of overlapping windows add up.
 */
export function maxPool2d(x: Tensor, options: PoolOptions): Chosen {
  const [values, indices] = apply(maxPoolOp, [x], poolAttributes(options));
  return { values, indices };
}

/** The mean of every window; `countIncludePad` selects whether zeros of the padding count. */
export function avgPool2d(
  x: Tensor,
  { countIncludePad = true, ...options }: PoolOptions & { countIncludePad?: boolean },
): Tensor {
  return apply1(avgPoolOp, [x], { ...poolAttributes(options), countIncludePad });
}
