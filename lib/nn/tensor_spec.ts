/** Declares the tensors of a model's state: name, shape, type and whether they are trained. */

import type { DType } from "../tensor/host_tensor.ts";

/** The declaration of one tensor of a model's state. */
export interface TensorSpec {
  /** The name in a PyTorch state dictionary: `layer1.0.conv1.weight`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: Extract<DType, "float32" | "int64">;
  /** Parameters get gradients; buffers, such as running statistics, do not. */
  readonly role: "parameter" | "buffer";
}

/** A trained float32 tensor. */
export function parameter(name: string, shape: readonly number[]): TensorSpec {
  return { name, shape, dtype: "float32", role: "parameter" };
}

/** A tensor of the state without gradient, such as a running mean or a batch count (int64). */
export function buffer(
  name: string,
  shape: readonly number[],
  dtype: TensorSpec["dtype"] = "float32",
): TensorSpec {
  return { name, shape, dtype, role: "buffer" };
}
