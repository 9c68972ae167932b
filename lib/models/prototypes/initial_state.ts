/** The state of a model before training, from the initial values of each tensor. */

import { type Distribution, draw } from "../../nn/init.ts";
import type { TensorSpec } from "../../nn/tensor_spec.ts";
import { elementCount, float32, type HostTensor, int64 } from "../../tensor/host_tensor.ts";

/** One value for all elements, a distribution, or a tensor. */
export type Initial = number | Distribution | HostTensor;

/**
 * The initial tensors in the order of `specs`. Random values depend only on the seed and the tensor's name.
 */
export function initialState(
  specs: readonly TensorSpec[],
  seed: number,
  initialOf: (spec: TensorSpec) => Initial,
): Map<string, HostTensor> {
  return new Map(specs.map((spec) => {
    const { name, shape, dtype } = spec;
    const initial = initialOf(spec);
    if (typeof initial !== "number") {
      return [name, "data" in initial ? initial : draw(initial, shape, { seed, name })];
    }
    const values = new Array<number>(elementCount(shape)).fill(initial);
    return [name, dtype === "int64" ? int64(shape, values) : float32(shape, values)];
  }));
}
