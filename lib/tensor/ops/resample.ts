/**
 * Resampling of the last two axes of [N, C, H, W]: interpolation and adaptive pooling, by one small matrix
 * per axis.
 */

import { float32, int64 } from "../host_tensor.ts";
import { checked, Mismatch, type Tensor } from "../op.ts";
import { bicubicWeights, bilinearWeights, nearestPositions, type Weights } from "../resample_weights.ts";
import { take } from "./gather.ts";
import { matmul } from "./matmul.ts";
import { constant } from "./source.ts";

export interface InterpolateOptions {
  /** [height, width] of the result. */
  size: readonly [number, number];
  mode: "nearest" | "bilinear" | "bicubic";
  /** Whether to align the centres of the corner pixels, instead of the image's edges. */
  alignCorners?: boolean;
  /** Whether the kernel is widened when shrinking, so that it covers the whole source. */
  antialias?: boolean;
}

function checkMap(x: Tensor, size: readonly number[]): void {
  if (x.dtype !== "float32" || x.shape.length !== 4 || x.shape[2] === 0 || x.shape[3] === 0) {
    throw new Mismatch("needs float32 [N, C, H, W]");
  }
  if (size.length !== 2 || size.some((length) => !Number.isInteger(length) || length < 1)) {
    throw new Mismatch("the size must be two positive integers");
  }
}

/** rows · x · columnsᵀ, with the weight matrices of both axes; that of an axis which keeps its length would be the identity. */
function resample(
  x: Tensor,
  size: readonly [number, number],
  weightsOf: (from: number, to: number) => Weights,
): Tensor {
  const [height, width] = x.shape.slice(2);
  const matrix = ({ from, to, matrix }: Weights) => constant(float32([to, from], matrix));
  const transposed = ({ from, to, matrix }: Weights) =>
    constant(float32([from, to], matrix.map((_, at) => matrix[(at % to) * from + Math.floor(at / to)])));
  const wide = width === size[1] ? x : matmul(x, transposed(weightsOf(width, size[1])));
  return height === size[0] ? wide : matmul(matrix(weightsOf(height, size[0])), wide);
}

/** Resizes a map by PyTorch's rules. */
export function interpolate(x: Tensor, options: InterpolateOptions): Tensor {
  return checked("interpolate", [x], options, () => {
    const { size, mode, alignCorners = false, antialias = false } = options;
    checkMap(x, size);
    if (mode === "nearest") {
      const index = (from: number, to: number) => constant(int64([to], nearestPositions(from, to)));
      return take(take(x, 2, index(x.shape[2], size[0])), 3, index(x.shape[3], size[1]));
    }
    const weights = mode === "bilinear" ? bilinearWeights : bicubicWeights;
    return resample(x, size, (from, to) => weights(from, to, { alignCorners, antialias }));
  });
}
