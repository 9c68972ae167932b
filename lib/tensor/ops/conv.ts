/** Convolutions over [N, C, H, W] and their gradients. */

import { apply1, defineOp, Mismatch, type Tensor, type TensorType } from "../op.ts";
import { emptyValues, forEachIndex, offsetOf, stridesOf } from "../values.ts";
import { sum } from "./broadcast.ts";
import { type ConvAttributes, type Pair, pair, slidSize } from "./conv_geometry.ts";
import { convWeightGradient } from "./conv_weight_gradient.ts";
import { slice } from "./slice.ts";

interface ConvTransposeAttributes extends ConvAttributes {
  outputPadding: Pair;
}

function checkTypes(
  inputs: readonly TensorType[],
  { stride, dilation, padding, groups }: ConvAttributes,
): void {
  if (inputs.some(({ dtype }) => dtype !== "float32")) throw new Mismatch("needs float32");
  const [x, weight] = inputs;
  if (x.shape.length !== 4 || weight.shape.length !== 4) {
    throw new Mismatch("needs x [N, C, H, W] and a weight with four axes");
  }
  const positive = [...stride, ...dilation, groups];
  if (
    positive.some((n) => !Number.isInteger(n) || n < 1) || padding.some((n) => !Number.isInteger(n) || n < 0)
  ) {
    throw new Mismatch(
      "stride, dilation and groups must be positive integers, and padding must not be negative",
    );
  }
}

function checkBias(bias: TensorType | undefined, channels: number): void {
  if (bias && bias.shape.join() !== String(channels)) throw new Mismatch(`the bias must be [${channels}]`);
}

const convOp = defineOp<ConvAttributes>({
  name: "conv2d",
  infer(inputs, attributes) {
    checkTypes(inputs, attributes);
    const [x, weight, bias] = inputs;
    const { groups } = attributes;
    const [batch, channels, ...size] = x.shape;
    const [out, perGroup, ...kernel] = weight.shape;
    if (channels !== perGroup * groups || out % groups !== 0) {
      throw new Mismatch(
        `${channels} channels in ${groups} groups need a weight [${groups}·n, ${channels / groups}, kh, kw]`,
      );
    }
    checkBias(bias, out);
    return [{ dtype: x.dtype, shape: [batch, out, ...slidSize(size, kernel, attributes)] }];
  },
  vjp({ inputs: [x, weight, bias], attributes, cotangents: [dy], wanted }) {
    return [
      wanted[0] ? convInputGradient(dy!, weight, x.shape, attributes) : undefined,
      wanted[1] ? convWeightGradient(x, dy!, weight.shape, attributes) : undefined,
      bias && wanted[2] ? sum(dy!, { axes: [0, 2, 3] }) : undefined,
    ];
  },
  interpret([x, weight, bias], attributes, [{ shape }]) {
    const y = emptyValues(shape);
    const plane = shape[2] * shape[3];
    if (bias) y.data.forEach((_, at) => y.data[at] = bias.data[Math.floor(at / plane) % shape[1]]);
    forEachTap(x.shape, weight.shape, shape, attributes, (atX, atWeight, atY) => {
      y.data[atY] += x.data[atX] * weight.data[atWeight];
    });
    return [y];
  },
  emit: (to, { inputs, outputs, attributes: { stride, padding, dilation, groups } }) =>
    to.node("Conv", inputs, outputs, {
      strides: stride,
      pads: [...padding, ...padding],
      dilations: dilation,
      group: groups,
    }),
});

/** Visits every product of a convolution: the positions in x, weight and y. */
function forEachTap(
  xShape: readonly number[],
  weightShape: readonly number[],
  yShape: readonly number[],
  { stride, padding, dilation, groups }: ConvAttributes,
  visit: (atX: number, atWeight: number, atY: number) => void,
): void {
  const [strideX, strideWeight] = [stridesOf(xShape), stridesOf(weightShape)];
  const [, perGroup, kernelHeight, kernelWidth] = weightShape;
  const outPerGroup = yShape[1] / groups;
  forEachIndex(yShape, ([n, out, row, column], atY) => {
    const first = Math.floor(out / outPerGroup) * perGroup;
    forEachIndex([perGroup, kernelHeight, kernelWidth], ([c, i, j]) => {
      const h = row * stride[0] - padding[0] + i * dilation[0];
      const w = column * stride[1] - padding[1] + j * dilation[1];
      if (h < 0 || w < 0 || h >= xShape[2] || w >= xShape[3]) return;
      visit(offsetOf([n, first + c, h, w], strideX), offsetOf([out, c, i, j], strideWeight), atY);
    });
  });
}

const convTransposeOp = defineOp<ConvTransposeAttributes>({
  name: "conv_transpose2d",
  infer(inputs, attributes) {
    checkTypes(inputs, attributes);
    const [x, weight, bias] = inputs;
    const { stride, padding, dilation, groups, outputPadding } = attributes;
    const [batch, channels, ...size] = x.shape;
    const [from, perGroup, ...kernel] = weight.shape;
    if (channels !== from || channels % groups !== 0) {
      throw new Mismatch(`${channels} channels in ${groups} groups need a weight [${channels}, n, kh, kw]`);
    }
    if (outputPadding.some((n, i) => n < 0 || n >= Math.max(stride[i], dilation[i]))) {
      throw new Mismatch("the output padding must be smaller than the stride or the dilation");
    }
    checkBias(bias, perGroup * groups);
    const lengths = size.map((length, i) =>
      (length - 1) * stride[i] - 2 * padding[i] + dilation[i] * (kernel[i] - 1) + outputPadding[i] + 1
    );
    if (lengths.some((length) => length < 1)) {
      throw new Mismatch("the padding is so large that the output is empty");
    }
    return [{ dtype: x.dtype, shape: [batch, perGroup * groups, ...lengths] }];
  },
  vjp({ inputs: [x, weight, bias], attributes, cotangents: [dy], wanted }) {
    const { stride, padding, dilation, groups } = attributes;
    const forward = { stride, padding, dilation, groups };
    const back = () => apply1(convOp, [dy!, weight], forward);
    return [
      wanted[0] ? cropTo(back(), x.shape) : undefined,
      wanted[1] ? convWeightGradient(dy!, x, weight.shape, forward) : undefined,
      bias && wanted[2] ? sum(dy!, { axes: [0, 2, 3] }) : undefined,
    ];
  },
  interpret([x, weight, bias], attributes, [{ shape }]) {
    const y = emptyValues(shape);
    const plane = shape[2] * shape[3];
    if (bias) y.data.forEach((_, at) => y.data[at] = bias.data[Math.floor(at / plane) % shape[1]]);
    forEachTap(shape, weight.shape, x.shape, attributes, (atY, atWeight, atX) => {
      y.data[atY] += x.data[atX] * weight.data[atWeight];
    });
    return [y];
  },
  emit: (to, { inputs, outputs, attributes: { stride, padding, dilation, groups, outputPadding } }) =>
    to.node("ConvTranspose", inputs, outputs, {
      strides: stride,
      pads: [...padding, ...padding],
      dilations: dilation,
      group: groups,
      output_padding: outputPadding,
    }),
});

/**
 * Removes the end of x beyond the given size: with output padding, a convolution over the output can be
 * larger than the input.
 */
function cropTo(x: Tensor, [, , height, width]: readonly number[]): Tensor {
  return slice(x, { axes: [2, 3], starts: [0, 0], ends: [height, width] });
}

/** The gradient of a convolution's input: the transposed convolution of the cotangent. */
export function convInputGradient(
  dy: Tensor,
  weight: Tensor,
  shape: readonly number[],
  attributes: ConvAttributes,
): Tensor {
  const { stride, padding, dilation } = attributes;
  const outputPadding = [0, 1].map((i) =>
    shape[2 + i] -
    ((dy.shape[2 + i] - 1) * stride[i] - 2 * padding[i] + dilation[i] * (weight.shape[2 + i] - 1) + 1)
  ) as [number, number];
  return apply1(convTransposeOp, [dy, weight], { ...attributes, outputPadding });
}

export interface ConvOptions {
  bias?: Tensor;
  stride?: number | Pair;
  /** Zeros added on both sides. */
  padding?: number | Pair;
  dilation?: number | Pair;
  groups?: number;
}

function convAttributes({ stride = 1, padding = 0, dilation = 1, groups = 1 }: ConvOptions): ConvAttributes {
  return { stride: pair(stride), padding: pair(padding), dilation: pair(dilation), groups };
}

/** Cross-correlation of x [N, C, H, W] with weight [co, C/groups, kh, kw]. */
export function conv2d(x: Tensor, weight: Tensor, options: ConvOptions = {}): Tensor {
  const inputs = options.bias ? [x, weight, options.bias] : [x, weight];
  return apply1(convOp, inputs, convAttributes(options));
}
