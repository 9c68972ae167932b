/** Feature maps as rows, one per position, for layers and distances that work on single positions. */

import type { Tensor } from "../../tensor/op.ts";
import { add } from "../../tensor/ops/arithmetic.ts";
import { toChannelsLast } from "../../tensor/ops/channels_last.ts";
import { gemm } from "../../tensor/ops/gemm.ts";
import { reshape, transpose } from "../../tensor/ops/shape.ts";

/** A map [N, C, H, W] as rows [N·H·W, C]. */
export function positionRows(map: Tensor): Tensor {
  return reshape(toChannelsLast(map), [-1, map.shape[1]]);
}

/** A 1×1 convolution of rows: weight [out, in, 1, 1], bias [out]. */
export function pointwise(rows: Tensor, weight: Tensor, bias: Tensor): Tensor {
  const matrix = reshape(weight, weight.shape.slice(0, 2));
  return add(gemm(rows, matrix, { transposeB: true }), bias);
}

/** Reshapes values of positions [N, H·W, K] to maps [N, K, H, W]. */
export function asMaps(values: Tensor, height: number, width: number): Tensor {
  const [images, , channels] = values.shape;
  return reshape(transpose(values, [0, 2, 1]), [images, channels, height, width]);
}
