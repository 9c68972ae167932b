/** The fully connected layer: weight [out, in] and bias under PyTorch's names. */

import type { Tensor } from "../../tensor/op.ts";
import { linear } from "../../tensor/ops/matmul.ts";
import { parameter, type TensorSpec } from "../tensor_spec.ts";
import { type LayerContext, stateTensor } from "./layer_context.ts";

/** The tensors of a fully connected layer in a state dictionary, in PyTorch's order. */
export function linearSpecs(name: string, from: number, to: number): TensorSpec[] {
  return [parameter(`${name}.weight`, [to, from]), parameter(`${name}.bias`, [to])];
}

/** x·weightᵀ + bias for x [..., in]. */
export function linearLayer(x: Tensor, name: string, context: LayerContext): Tensor {
  return linear(x, stateTensor(context, `${name}.weight`), stateTensor(context, `${name}.bias`));
}
