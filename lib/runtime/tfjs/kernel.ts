/** The type of a TensorFlow.js kernel: computes an operation's outputs from its inputs. */

import type * as tf from "@tensorflow/tfjs-core";
import type { ElementType, TensorType } from "../../tensor/op.ts";

export interface KernelContext {
  readonly inputs: readonly tf.Tensor[];
  /** The operation's attributes, as its definition types them. */
  // deno-lint-ignore no-explicit-any -- every operation has its own
  readonly attributes: any;
  readonly inputTypes: readonly TensorType[];
  readonly outputTypes: readonly TensorType[];
}

/** One output or a list of all. Inputs are not disposed. */
export type Kernel = (context: KernelContext) => tf.Tensor | tf.Tensor[];

/** TensorFlow.js has no int64 and computes with uint8 as int32. */
export function tfjsType(dtype: ElementType): "float32" | "int32" | "bool" {
  return dtype === "float32" || dtype === "bool" ? dtype : "int32";
}
