/** ONNX nodes that change the shape of a value, for operations that are written as several nodes. */

import { int64 } from "../host_tensor.ts";
import type { Emitter } from "../op.ts";

/** Writes a node that gives `value` another shape; returns its output. */
export function reshaped(to: Emitter, value: string, shape: readonly number[]): string {
  const name = to.fresh();
  to.node("Reshape", [value, to.constant(int64([shape.length], shape))], [name]);
  return name;
}

/** Writes a node that permutes the axes of `value`; returns its output. */
export function transposed(to: Emitter, value: string, perm: readonly number[]): string {
  const name = to.fresh();
  to.node("Transpose", [value], [name], { perm });
  return name;
}
