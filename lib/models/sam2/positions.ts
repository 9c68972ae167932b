/** Position encodings of SAM 2: random Fourier features of points and maps. */

import { float32 } from "../../tensor/host_tensor.ts";
import { type Tensor } from "../../tensor/op.ts";
import { add, mul, sub } from "../../tensor/ops/arithmetic.ts";
import { rowsOf } from "../../tensor/ops/channels_last.ts";
import { cos, sin } from "../../tensor/ops/elementwise.ts";
import { gemm } from "../../tensor/ops/gemm.ts";
import { reshape } from "../../tensor/ops/shape.ts";
import { concat } from "../../tensor/ops/slice.ts";
import { constant } from "../../tensor/ops/source.ts";
import { type State, tensorNamed } from "./rows.ts";

/**
 * [sin 2πGᵀ(2p − 1), cos …] for positions p [..., 2] (x, y) in 0 … 1, where G is the model's Gaussian matrix
 * [2, width/2].
 */
export function fourierFeatures(positions: Tensor, state: State): Tensor {
  const matrix = tensorNamed(state, "sam_prompt_encoder.pe_layer.positional_encoding_gaussian_matrix");
  const angles = mul(gemm(rowsOf(sub(mul(positions, 2), 1)), matrix), 2 * Math.PI);
  return reshape(concat([sin(angles), cos(angles)], 1), [
    ...positions.shape.slice(0, -1),
    2 * matrix.shape[1],
  ]);
}

/** The Fourier features of the cells' centres of a square map, [side², width]. */
export function mapPositions(side: number, state: State): Tensor {
  const centres = new Float32Array(2 * side * side);
  for (let at = 0; at < side * side; at++) {
    centres[2 * at] = (at % side + 0.5) / side;
    centres[2 * at + 1] = (Math.floor(at / side) + 0.5) / side;
  }
  return fourierFeatures(constant(float32([side * side, 2], centres)), state);
}

/** Moves points, in pixels of the model's input, to pixel centres and divides them by the image's side. */
export function relativePoints(points: Tensor, imageSize: number): Tensor {
  return mul(add(points, 0.5), 1 / imageSize);
}
