/** The geometry of convolutions and pooling: stride, padding and dilation, and what follows from them. */

import { Mismatch, type TensorType } from "../op.ts";

export type Pair = readonly [number, number];

/** [vertical, horizontal] */
export interface ConvGeometry {
  stride: Pair;
  padding: Pair;
}

export interface ConvAttributes extends ConvGeometry {
  dilation: Pair;
  groups: number;
}

/** One number for both axes, or [height, width]. */
export function pair(value: number | Pair): Pair {
  return typeof value === "number" ? [value, value] : value;
}

/**
 * The height and width of what a kernel gives that is moved over a map of the size `size`.
 *
 * @throws {Mismatch} if the kernel is larger than the padded map.
 */
export function slidSize(
  size: readonly number[],
  kernel: readonly number[],
  { stride, padding, dilation = [1, 1] }: ConvGeometry & { readonly dilation?: Pair },
): number[] {
  const slid = size.map((length, i) =>
    Math.floor((length + 2 * padding[i] - dilation[i] * (kernel[i] - 1) - 1) / stride[i]) + 1
  );
  if (slid.some((length) => length < 1)) {
    throw new Mismatch(`the kernel [${kernel}] does not fit into the padded map`);
  }
  return slid;
}

/** Where a convolution reads the channels of x, and how that is written. */
const LAYOUTS = { 1: "[N, ci, H, W]", 3: "[N, H, W, ci]" } as const;

/**
 * The type [N, H', W', co] of the convolution of x with a weight [co, ci, kh, kw].
 *
 * @param channels the axis of x that has the channels
 * @throws {Mismatch} if the types do not match.
 */
export function convType(
  [x, weight]: readonly TensorType[],
  channels: keyof typeof LAYOUTS,
  geometry: ConvGeometry,
): TensorType {
  if (x.dtype !== "float32" || weight.dtype !== "float32") throw new Mismatch("needs float32");
  if (x.shape.length !== 4 || weight.shape.length !== 4 || x.shape[channels] !== weight.shape[1]) {
    throw new Mismatch(`needs x ${LAYOUTS[channels]} and a weight [co, ci, kh, kw]`);
  }
  const [images, ...size] = x.shape.toSpliced(channels, 1);
  const [out, , ...kernel] = weight.shape;
  return { dtype: x.dtype, shape: [images, ...slidSize(size, kernel, geometry), out] };
}
