/** The work of a program, counted from the shapes of its values. */

import type { Program, Step } from "./graph.ts";
import { elementCount } from "./host_tensor.ts";
import type { TensorType } from "./op.ts";

/** Floating-point operations of one run: two for each product and sum, one for an element of any other result. */
export function flopOf({ steps, values }: Program): number {
  return steps.reduce((sum, step) => sum + flopOfStep(step, values), 0);
}

function flopOfStep({ op: { name }, inputs, outputs, attributes }: Step, values: readonly TensorType[]) {
  const shape = (number: number) => values[number].shape;
  const size = outputs.reduce((sum, value) => sum + elementCount(shape(value)), 0);
  switch (name) {
    case "conv2d":
    case "conv2d_channels_last":
      return 2 * size * elementCount(shape(inputs[1]).slice(1));
    case "conv_transpose2d":
      return 2 * elementCount(shape(inputs[0])) * elementCount(shape(inputs[1]).slice(1));
    case "matmul":
      return 2 * size * shape(inputs[0]).at(-1)!;
    case "gemm": {
      const { transposeA } = attributes as { transposeA: boolean };
      return 2 * size * shape(inputs[0])[transposeA ? 0 : 1];
    }
    case "multi_head_attention_kernel": {
      // Products of each query with all keys, and of the weights with all values.
      const [query, keys] = [shape(inputs[0]), shape(inputs[1])];
      return 2 * query[0] * query[1] * keys[1] * (query[2] + shape(outputs[0])[2]);
    }
    case "checkpoint":
    case "checkpoint_cotangent":
      return 0;
    default:
      return size;
  }
}
