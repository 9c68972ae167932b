/** The state of a model before training, from the initial distribution of each tensor. */

import { type Distribution, draw } from "../../nn/init.ts";
import type { TensorSpec } from "../../nn/tensor_spec.ts";
import { elementCount, float32, type HostTensor, int64 } from "../../tensor/host_tensor.ts";

/** One value for all elements, values drawn, or the values themselves. */
export type Initial = number | Distribution | HostTensor;

/** The tensors of `specs`, in their order. Random values depend only on the seed and the tensor's name. */
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
