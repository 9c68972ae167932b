/**
 * The canvas on which a device stretches masks to a crop. Its sides are rounded up, so that crops of similar sizes share a
 * program; the interpolation of the crop and its place are inputs.
 */

import { float32, type HostTensor, hostTensor, int64 } from "../../../tensor/host_tensor.ts";
import type { Tensor } from "../../../tensor/op.ts";
import { add, mul } from "../../../tensor/ops/arithmetic.ts";
import { take } from "../../../tensor/ops/gather.ts";
import { reshape } from "../../../tensor/ops/shape.ts";
import { sliceAxis } from "../../../tensor/ops/slice.ts";
import { input } from "../../../tensor/ops/source.ts";
import type { Box } from "../../../vision/masks/boxes.ts";
import type { Taps } from "../../../vision/resize/taps.ts";
import type { Stretching } from "../promptable_model.ts";

/** Sides are multiples of this; a byte of bits has eight rows. */
const UNIT = 256;

/** The sizes that a program depends on. */
export interface MaskCanvas {
  readonly width: number;
  readonly height: number;
  /** The most samples that an output sample is the sum of, along rows and along columns. */
  readonly columnTaps: number;
  readonly rowTaps: number;
}

/** The canvas for a crop with this interpolation. */
export function canvasFor({ columns, rows }: Stretching): MaskCanvas {
  const rounded = (side: number) => Math.ceil(side / UNIT) * UNIT;
  return {
    width: rounded(columns.start.length),
    height: rounded(rows.start.length),
    columnTaps: columns.stride,
    rowTaps: rows.stride,
  };
}

/** A crop on a canvas, as inputs of a program. */
export interface CanvasTensors {
  /** int64 and float64, [columnTaps, width]: the samples that a column reads, counted from 1, and their weights. */
  readonly columnSamples: Tensor;
  readonly columnWeights: Tensor;
  readonly rowSamples: Tensor;
  readonly rowWeights: Tensor;
  /** Of the canvas, the columns and rows of the crop: int64 []. */
  readonly columns: Tensor;
  readonly rows: Tensor;
  /** Corners of the crop and of the image in the image's pixels: float32 [4]. */
  readonly crop: Tensor;
  readonly image: Tensor;
}

/** The inputs of a program for crops on a canvas. */
export function canvasTensors({ width, height, columnTaps, rowTaps }: MaskCanvas): CanvasTensors {
  return {
    columnSamples: input("columnSamples", "int64", [columnTaps, width]),
    columnWeights: input("columnWeights", "float64", [columnTaps, width]),
    rowSamples: input("rowSamples", "int64", [rowTaps, height]),
    rowWeights: input("rowWeights", "float64", [rowTaps, height]),
    columns: input("columns", "int64", []),
    rows: input("rows", "int64", []),
    crop: input("crop", "float32", [4]),
    image: input("image", "float32", [4]),
  };
}

/** The values of {@link canvasTensors}. */
export function canvasInputs(
  canvas: MaskCanvas,
  { columns, rows }: Stretching,
  crop: Box,
  image: Box,
): Readonly<Record<keyof CanvasTensors, HostTensor>> {
  const [column, row] = [tapsOn(columns, canvas.width), tapsOn(rows, canvas.height)];
  return {
    columnSamples: column.samples,
    columnWeights: column.weights,
    rowSamples: row.samples,
    rowWeights: row.weights,
    columns: int64([], [columns.start.length]),
    rows: int64([], [rows.start.length]),
    crop: float32([4], crop),
    image: float32([4], image),
  };
}

/** Taps as tensors, of samples behind one that is 0: taps without weight read that, so that no value changes a sum. */
function tapsOn({ start, count, weights, stride }: Taps, length: number) {
  const samples = new BigInt64Array(stride * length);
  const values = new Float64Array(stride * length);
  for (let i = 0; i < start.length; i++) {
    for (let k = 0; k < count[i]; k++) {
      samples[k * length + i] = BigInt(1 + start[i] + k);
      values[k * length + i] = weights[i * stride + k];
    }
  }
  return {
    samples: hostTensor("int64", [stride, length], samples),
    weights: hostTensor("float64", [stride, length], values),
  };
}

/**
 * The samples along an axis of x, float64 of three axes, summed by their weights, in the order of the taps. The first sample
 * of the axis is 0.
 */
export function stretched(x: Tensor, axis: number, samples: Tensor, weights: Tensor): Tensor {
  const [taps, length] = samples.shape;
  const along = (all: Tensor, tap: number, shape: readonly number[]) =>
    reshape(sliceAxis(all, 0, tap, tap + 1), shape);
  const wide = [1, 1, 1].with(axis, length);
  const terms = Array.from(
    { length: taps },
    (_, tap) => mul(take(x, axis, along(samples, tap, [length])), along(weights, tap, wide)),
  );
  return terms.reduce((sum, term) => add(sum, term));
}
