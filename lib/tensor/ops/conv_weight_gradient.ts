/** The gradient of a convolution's weight: products of the cotangent with the inputs of each kernel tap. */

import type { Tensor } from "../op.ts";
import { sum } from "./broadcast.ts";
import type { ConvAttributes } from "./conv_geometry.ts";
import { gemm } from "./gemm.ts";
import { matmul } from "./matmul.ts";
import { matrixTranspose, reshape, transpose } from "./shape.ts";
import { concat, pad, slice } from "./slice.ts";

/**
 * If a tap's product has fewer rows, several taps share one product, because small products are inefficient.
 */
const ENOUGH_ROWS = 128;

/**
 * The gradient for x [N, ci, H, W] and cotangent dy [N, co, H', W'].
 *
 * @param shape the weight's shape, [co, ci/g, kh, kw]
 */
export function convWeightGradient(
  x: Tensor,
  dy: Tensor,
  shape: readonly number[],
  attributes: ConvAttributes,
): Tensor {
  const { padding: [vertical, horizontal], groups } = attributes;
  const padded = pad(x, [[0, 0], [0, 0], [vertical, vertical], [horizontal, horizontal]]);
  return groups === 1 ? ungrouped(padded, dy, shape, attributes) : grouped(padded, dy, shape, attributes);
}

/** Moves the channels to the first axis, so that one product sums over positions and images. */
function ungrouped(
  padded: Tensor,
  dy: Tensor,
  [out, channels, height, width]: readonly number[],
  attributes: ConvAttributes,
): Tensor {
  const byChannel = transpose(padded, [1, 0, 2, 3]);
  const cotangent = reshape(transpose(dy, [1, 0, 2, 3]), [out, -1]);
  const reads = tapReads(byChannel, [2, 3], [height, width], dy.shape.slice(2), attributes);
  const together = Math.ceil(ENOUGH_ROWS / channels);
  const products: Tensor[] = [];
  let taps: Tensor[] = [];
  const multiply = () => {
    if (taps.length > 0) products.push(gemm(cotangent, concat(taps, 0), { transposeB: true }));
    taps = [];
  };
  for (const read of reads) {
    taps.push(reshape(read, [channels, -1]));
    if (taps.length === together) multiply();
  }
  multiply();
  const byTap = reshape(concat(products, 1), [out, height * width, channels]);
  return reshape(matrixTranspose(byTap), [out, channels, height, width]);
}

function grouped(
  padded: Tensor,
  dy: Tensor,
  [out, perGroup, height, width]: readonly number[],
  attributes: ConvAttributes,
): Tensor {
  const { groups } = attributes;
  const batch = dy.shape[0];
  const left = reshape(dy, [batch, groups, out / groups, -1]);
  const reads = tapReads(padded, [2, 3], [height, width], dy.shape.slice(2), attributes);
  const taps = Array.from(reads, (read) => {
    const right = matrixTranspose(reshape(read, [batch, groups, perGroup, -1]));
    return reshape(sum(matmul(left, right), { axes: [0] }), [1, out * perGroup]);
  });
  return reshape(transpose(concat(taps, 0), [1, 0]), [out, perGroup, height, width]);
}

/**
 * For every tap of a kernel, in row-major order, the positions of `padded` that the tap reads. Each is made when it is asked
 * for: a program's steps are in the order in which they were made, so one that is used at once is not held beside the next.
 *
 * @param axes the axes of height and width in `padded`
 * @param kernel height and width of the kernel
 * @param size height and width of the convolution's output
 */
export function* tapReads(
  padded: Tensor,
  axes: readonly [number, number],
  kernel: readonly [number, number],
  size: readonly number[],
  { stride, dilation }: Pick<ConvAttributes, "stride" | "dilation">,
): Generator<Tensor> {
  for (let i = 0; i < kernel[0]; i++) {
    for (let j = 0; j < kernel[1]; j++) {
      const at = [i * dilation[0], j * dilation[1]];
      // Selecting every stride-th element first, which several taps share, and then contiguous elements is
      // much faster than one slice.
      const phase = slice(padded, {
        axes,
        starts: at.map((start, k) => start % stride[k]),
        ends: axes.map((axis) => padded.shape[axis]),
        steps: stride,
      });
      const starts = at.map((start, k) => Math.floor(start / stride[k]));
      yield slice(phase, { axes, starts, ends: starts.map((start, k) => start + size[k]) });
    }
  }
}
