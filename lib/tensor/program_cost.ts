/** The work and the memory of a program, counted from the shapes of its values. */

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
    default:
      return size;
  }
}

const BYTES: Readonly<Record<TensorType["dtype"], number>> = {
  float32: 4,
  int64: 8,
  int32: 4,
  uint8: 1,
  bool: 1,
};

/** The bytes of a value. */
export function bytesOf({ dtype, shape }: TensorType): number {
  return BYTES[dtype] * elementCount(shape);
}

/** Operations whose result shares the memory of the input. */
const VIEWS = new Set(["reshape"]);

/**
 * The most bytes of intermediate and output values that are held at once, if each is freed after its last use, as
 * onnxruntime does. Inputs and the scratch memory of kernels are not counted.
 */
export function peakBytes({ steps, values, inputs, outputs }: Program): number {
  const owner = new Map<number, number>();
  const ownerOf = (value: number): number => owner.get(value) ?? value;
  for (const { op, inputs, outputs } of steps) {
    if (VIEWS.has(op.name)) owner.set(outputs[0], ownerOf(inputs[0]));
  }
  const given = new Set(inputs.values());
  const lastUse = new Map<number, number>();
  steps.forEach((step, i) => {
    for (const value of [...step.inputs, ...step.outputs]) lastUse.set(ownerOf(value), i);
  });
  for (const value of outputs.values()) lastUse.set(ownerOf(value), steps.length);
  const freed = new Map<number, number[]>();
  for (const [value, at] of lastUse) freed.set(at, [...freed.get(at) ?? [], value]);
  let [held, most] = [0, 0];
  steps.forEach(({ outputs }, i) => {
    for (const value of outputs) if (!owner.has(value)) held += bytesOf(values[value]);
    most = Math.max(most, held);
    for (const value of freed.get(i) ?? []) if (!given.has(value)) held -= bytesOf(values[value]);
  });
  return most;
}
