/** The type of a TensorFlow.js kernel: computes an operation's outputs from its inputs. */

import type * as tf from "@tensorflow/tfjs-core";
import type { Program } from "../../tensor/graph.ts";
import type { ElementType, TensorType } from "../../tensor/op.ts";

export interface KernelContext {
  readonly inputs: readonly tf.Tensor[];
  /** The operation's attributes, with the type from its definition. */
  // deno-lint-ignore no-explicit-any -- every operation has its own type
  readonly attributes: any;
  readonly inputTypes: readonly TensorType[];
  readonly outputTypes: readonly TensorType[];
  /** Runs a program within the operation; the outputs by name are separate tensors. */
  run(program: Program, inputs: ReadonlyMap<string, tf.Tensor>): Map<string, tf.Tensor>;
}

/** Computes one output, or an array of all outputs. Must not dispose of the inputs. */
export type Kernel = (context: KernelContext) => tf.Tensor | tf.Tensor[];

/**
 * The TensorFlow.js type for `dtype`: float64 becomes float32, and int64 and uint8 become int32, because TensorFlow.js lacks
 * these types.
 */
export function tfjsType(dtype: ElementType): "float32" | "int32" | "bool" {
  if (dtype === "float64") return "float32";
  return dtype === "float32" || dtype === "bool" ? dtype : "int32";
}
