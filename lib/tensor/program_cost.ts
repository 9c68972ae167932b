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

/**
 * What the time of steps depends on: products of matrices, convolutions and the first convolution of images on their
 * floating-point operations, passes on the elements of the largest tensor that they read or write, and moves, which only
 * change where values lie, on the elements that they write.
 */
export const OPERATIONS = ["product", "convolution", "image", "pass", "move"] as const;
/** One of {@link OPERATIONS}. */
export type OperationKind = (typeof OPERATIONS)[number];

/** The steps of a program by what their time depends on. */
export type Work = Readonly<Record<OperationKind, readonly Steps[]>>;

const NAMES: Readonly<Record<string, OperationKind>> = {
  gemm: "product",
  matmul: "product",
  multi_head_attention_kernel: "product",
  conv2d: "convolution",
  conv2d_channels_last: "convolution",
  conv_transpose2d: "convolution",
  image_conv2d: "image",
  image_conv2d_weight_gradient: "image",
  concat: "move",
  pad: "move",
  slice: "move",
  transpose: "move",
};
const FREE = new Set(["checkpoint", "checkpoint_cotangent", "constant", "reshape"]);

/** The work of one run. */
export function workOf({ steps, values }: Program): Work {
  const work: Record<OperationKind, Steps[]> = {
    product: [],
    convolution: [],
    image: [],
    pass: [],
    move: [],
  };
  for (const step of steps) {
    const loop = loopOf(step);
    if (loop) {
      const turn = workOf(loop.body);
      for (const kind of OPERATIONS) {
        work[kind].push(...turn[kind].map(({ size, count }) => ({ size, count: count * loop.turns })));
      }
    } else if (!FREE.has(step.op.name)) {
      const { operation, size } = operationOf(step, values);
      work[operation].push({ size, count: 1 });
    }
  }
  return work;
}

function operationOf(step: Step, values: readonly TensorType[]): { operation: OperationKind; size: number } {
  const { op: { name }, inputs, outputs } = step;
  const operation = Object.hasOwn(NAMES, name) ? NAMES[name] : "pass";
  const elements = (some: readonly number[]) => some.map((value) => elementCount(values[value].shape));
  if (operation === "move") return { operation, size: Math.max(...elements(outputs)) };
  const largest = Math.max(...elements([...inputs, ...outputs]));
  const flop = flopOfStep(step, values);
  // A product with a vector uses each element of the matrix once: it waits for memory, as a pass does.
  const isPass = operation === "pass" || flop <= 2 * largest;
  return isPass ? { operation: "pass", size: largest } : { operation, size: flop };
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
