/** Operations of the reference that the product composes of others, where it needs them at all. */

import { asMaps, positionRows } from "../../../lib/models/prototypes/feature_map.ts";
import { squaredDistances } from "../../../lib/models/prototypes/distances.ts";
import { float32 } from "../../../lib/tensor/host_tensor.ts";
import type { Tensor } from "../../../lib/tensor/op.ts";
import { add, div, mul, neg, sub } from "../../../lib/tensor/ops/arithmetic.ts";
import { sum } from "../../../lib/tensor/ops/broadcast.ts";
import { conv2d, convInputGradient } from "../../../lib/tensor/ops/conv.ts";
import { relu, square } from "../../../lib/tensor/ops/elementwise.ts";
import { matmul } from "../../../lib/tensor/ops/matmul.ts";
import { norm } from "../../../lib/tensor/ops/norm.ts";
import { maxPool2d } from "../../../lib/tensor/ops/pool.ts";
import { mean } from "../../../lib/tensor/ops/reduce.ts";
import { matrixTranspose, reshape, transpose } from "../../../lib/tensor/ops/shape.ts";
import { constant, full } from "../../../lib/tensor/ops/source.ts";
import type { Json } from "../case.ts";

/** Letters name axes; axes that are not in the result are summed. */
export function einsum(equation: string, ...operands: readonly Tensor[]): Tensor {
  const [left, result] = equation.split("->");
  const named = left.split(",");
  const letters = [...new Set(left.replaceAll(",", ""))];
  const spread = operands.map((tensor, i) => {
    const own = [...named[i]];
    const present = letters.filter((letter) => own.includes(letter));
    const ordered = transpose(tensor, present.map((letter) => own.indexOf(letter)));
    const lengths = letters.map((letter) => own.includes(letter) ? tensor.shape[own.indexOf(letter)] : 1);
    return reshape(ordered, lengths);
  });
  const kept = letters.filter((letter) => result.includes(letter));
  const summed = letters.flatMap((letter, axis) => result.includes(letter) ? [] : [axis]);
  const product = spread.reduce((a, b) => mul(a, b));
  const total = summed.length > 0 ? sum(product, { axes: summed }) : product;
  return transpose(total, [...result].map((letter) => kept.indexOf(letter)));
}

/** The transposed convolution is the gradient of a convolution's input. */
export function convTranspose2d(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  { stride, padding, dilation, groups, output_padding }: Json,
): Tensor {
  const [batch, , ...size] = x.shape;
  const [, perGroup, ...kernel] = weight.shape;
  const lengths = size.map((length, i) =>
    (length - 1) * stride[i] - 2 * padding[i] + dilation[i] * (kernel[i] - 1) + output_padding[i] + 1
  );
  const shape = [batch, perGroup * groups, ...lengths];
  const y = convInputGradient(x, weight, shape, { stride, padding, dilation, groups });
  return bias ? add(y, reshape(bias, [-1, 1, 1])) : y;
}

/** −maxPool(−x) */
export function minPool2d(x: Tensor, kernel: [number, number]): Tensor {
  return neg(maxPool2d(neg(x), { kernel }).values);
}

export function globalAvgPool2d(x: Tensor): Tensor {
  return mean(x, { axes: [2, 3], keepdim: true });
}

export function globalMaxPool2d(x: Tensor): Tensor {
  return maxPool2d(x, { kernel: [x.shape[2], x.shape[3]] }).values;
}

/** Bin i covers ⌊i·in/out⌋ … ⌈(i+1)·in/out⌉ − 1 of an axis. */
export function adaptiveAvgPool2d(x: Tensor, size: readonly [number, number]): Tensor {
  const bins = (from: number, to: number) => {
    const matrix = float32([to, from], new Float32Array(to * from));
    for (let i = 0; i < to; i++) {
      const [start, end] = [Math.floor(i * from / to), Math.ceil((i + 1) * from / to)];
      matrix.data.fill(1 / (end - start), i * from + start, i * from + end);
    }
    return constant(matrix);
  };
  const [height, width] = x.shape.slice(2);
  return matmul(bins(height, size[0]), matmul(x, matrixTranspose(bins(width, size[1]))));
}

/** Σ (x − mean)² / (count − correction) */
export function variance(x: Tensor, { axes = null, keepdim, correction = 1 }: Json): Tensor {
  const squares = square(sub(x, mean(x, { axes, keepdim: true })));
  return div(sum(squares, { axes, keepdim }), countAlong(x, axes) - correction);
}

/** The length of what the mean leaves; its gradient is 0 where it is 0. */
export function standardDeviation(x: Tensor, { axes = null, keepdim, correction = 1 }: Json): Tensor {
  const centred = sub(x, mean(x, { axes, keepdim: true }));
  const length = norm(centred, 2, { axes: axes ?? [...x.shape.keys()], keepdim });
  return div(length, Math.sqrt(countAlong(x, axes) - correction));
}

function countAlong({ shape }: Tensor, axes: readonly number[] | null): number {
  return (axes ?? [...shape.keys()]).reduce((product, axis) => product * shape.at(axis)!, 1);
}

/** ‖window − kernel‖²: as the models compute it at positions, or of larger kernels by convolutions. */
export function squaredDistance2d(x: Tensor, kernels: Tensor): Tensor {
  const [count, depth, height, width] = kernels.shape;
  if (height === 1 && width === 1) {
    const [images, , rows, columns] = x.shape;
    const vectors = reshape(positionRows(x), [images, rows * columns, depth]);
    return asMaps(squaredDistances(vectors, kernels), rows, columns);
  }
  const windows = conv2d(square(x), full([1, depth, height, width], 1));
  const lengths = reshape(sum(square(kernels), { axes: [1, 2, 3] }), [count, 1, 1]);
  return relu(add(sub(windows, mul(conv2d(x, kernels), 2)), lengths));
}
