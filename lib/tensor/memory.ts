/** The memory of a program's values: which of them share it, and how much is held at once. */

import type { Program } from "./graph.ts";
import { elementCount } from "./host_tensor.ts";
import type { Step, TensorType } from "./op.ts";
import { loopOf } from "./ops/loop.ts";

const BYTES: Readonly<Record<TensorType["dtype"], number>> = {
  float32: 4,
  float64: 8,
  int64: 8,
  int32: 4,
  uint8: 1,
  bool: 1,
};

/** The bytes of a value. */
export function bytesOf({ dtype, shape }: TensorType): number {
  return BYTES[dtype] * elementCount(shape);
}

/** Operations whose result shares the memory of the first input; reading the result reads the input. */
export const VIEWS: ReadonlySet<string> = new Set(["reshape", "checkpoint", "checkpoint_cotangent"]);

/** For each value the one whose memory it shares: its own, or that of the value of which it is a view. */
export function memoryOwners({ steps, values }: Pick<Program, "steps" | "values">): number[] {
  const owners = values.map((_, value) => value);
  for (const { op, inputs, outputs } of steps) if (VIEWS.has(op.name)) owners[outputs[0]] = owners[inputs[0]];
  return owners;
}

/** The program within a step: that of a loop, or of an operation that is written as one. */
function bodyOf(step: Step, values: readonly TensorType[]): Program | undefined {
  const { op, inputs, attributes } = step;
  return loopOf(step)?.body ?? op.body?.(inputs.map((value) => values[value]), attributes);
}

/**
 * The most bytes of intermediate and output values that are held at once, if each is freed after its last use, as
 * onnxruntime does. Inputs and the scratch memory of kernels are not counted.
 */
export function peakBytes({ steps, values, inputs, outputs }: Program): number {
  const owners = memoryOwners({ steps, values });
  const given = new Set(inputs.values());
  const lastUse = new Map<number, number>();
  steps.forEach((step, i) => {
    for (const value of [...step.inputs, ...step.outputs]) lastUse.set(owners[value], i);
  });
  for (const value of outputs.values()) lastUse.set(owners[value], steps.length);
  const freed = new Map<number, number[]>();
  for (const [value, at] of lastUse) {
    const known = freed.get(at);
    if (known) known.push(value);
    else freed.set(at, [value]);
  }
  let [held, most] = [0, 0];
  steps.forEach((step, i) => {
    for (const value of step.outputs) if (owners[value] === value) held += bytesOf(values[value]);
    const body = bodyOf(step, values);
    most = Math.max(most, held + (body ? peakBytes(body) : 0));
    for (const value of freed.get(i) ?? []) if (!given.has(value)) held -= bytesOf(values[value]);
  });
  return most;
}
