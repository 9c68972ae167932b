/** The work of a program, counted from the shapes of its values. */

import type { Program, Step } from "./graph.ts";
import { elementCount } from "./host_tensor.ts";
import type { TensorType } from "./op.ts";
import { loopOf } from "./ops/loop.ts";

/** Steps of about one size. */
export interface Steps {
  readonly size: number;
  readonly count: number;
}

/** The steps of a program by what their time depends on. */
export interface Work {
  /** Convolutions and products of matrices, by their floating-point operations. */
  readonly product: readonly Steps[];
  /** All other steps that touch values, by the elements of the largest tensor that they read or write. */
  readonly pass: readonly Steps[];
}

const PRODUCTS = new Set([
  "conv2d",
  "conv2d_channels_last",
  "conv_transpose2d",
  "gemm",
  "image_conv2d",
  "image_conv2d_weight_gradient",
  "matmul",
  "multi_head_attention_kernel",
]);
const FREE = new Set(["checkpoint", "checkpoint_cotangent", "constant", "reshape"]);

/** The work of one run. */
export function workOf({ steps, values }: Program): Work {
  const product: Steps[] = [];
  const pass: Steps[] = [];
  for (const step of steps) {
    const { op: { name }, inputs, outputs } = step;
    const loop = loopOf(step);
    if (loop) {
      const work = workOf(loop.body);
      const often = ({ size, count }: Steps) => ({ size, count: count * loop.turns });
      product.push(...work.product.map(often));
      pass.push(...work.pass.map(often));
    } else if (PRODUCTS.has(name)) product.push({ size: flopOfStep(step, values), count: 1 });
    else if (!FREE.has(name)) {
      const sizes = [...inputs, ...outputs].map((value) => elementCount(values[value].shape));
      pass.push({ size: Math.max(...sizes), count: 1 });
    }
  }
  return { product, pass };
}

/** Floating-point operations of one run: two for each product and sum, one for an element of any other result. */
export function flopOf({ steps, values }: Program): number {
  return steps.reduce((sum, step) => sum + flopOfStep(step, values), 0);
}

function flopOfStep(step: Step, values: readonly TensorType[]): number {
  const loop = loopOf(step);
  if (loop) return loop.turns * flopOf(loop.body);
  const { op: { name }, inputs, outputs, attributes } = step;
  const shape = (number: number) => values[number].shape;
  const size = outputs.reduce((sum, value) => sum + elementCount(shape(value)), 0);
  switch (name) {
    case "conv2d":
    case "conv2d_channels_last":
    case "image_conv2d":
      return 2 * size * elementCount(shape(inputs[1]).slice(1));
    case "image_conv2d_weight_gradient":
      return 2 * size * elementCount(shape(inputs[1]).slice(0, 3));
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
