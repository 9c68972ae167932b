/** Layers over rows of channels, by their names in a state dictionary. */

import type { Tensor } from "../../tensor/op.ts";
import { rowsOf } from "../../tensor/ops/channels_last.ts";
import { relu } from "../../tensor/ops/elementwise.ts";
import { gemm } from "../../tensor/ops/gemm.ts";
import { layerNorm } from "../../tensor/ops/normalization.ts";
import { reshape } from "../../tensor/ops/shape.ts";
import { GraphError } from "../../tensor/op.ts";

/** Tensors by the names of the state dictionary. */
export type State = ReadonlyMap<string, Tensor>;

/**
 * The tensor with this name.
 *
 * @throws {GraphError} if the state has no such tensor.
 */
export function tensorNamed(state: State, name: string): Tensor {
  const tensor = state.get(name);
  if (!tensor) throw new GraphError(`SAM 2 needs "${name}", but the state has no tensor of that name`);
  return tensor;
}

/** x·weightᵀ + bias along the last axis; the weight of a 1×1 convolution is read as a matrix. */
export function affine(x: Tensor, state: State, name: string): Tensor {
  const weight = tensorNamed(state, `${name}.weight`);
  const out = weight.shape[0];
  const matrix = reshape(weight, [out, -1]);
  const y = gemm(rowsOf(x), matrix, { transposeB: true, bias: tensorNamed(state, `${name}.bias`) });
  return reshape(y, [...x.shape.slice(0, -1), out]);
}

export function normalise(x: Tensor, state: State, name: string, eps: number): Tensor {
  const [weight, bias] = ["weight", "bias"].map((part) => tensorNamed(state, `${name}.${part}`));
  return layerNorm(x, { weight, bias, eps });
}

/** Affine layers with ReLU between them. */
export function mlp(x: Tensor, state: State, name: string, layers: number): Tensor {
  let y = x;
  for (let i = 0; i < layers; i++) {
    if (i > 0) y = relu(y);
    y = affine(y, state, `${name}.layers.${i}`);
  }
  return y;
}
