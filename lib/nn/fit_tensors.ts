/**
 * Checks that a checkpoint matches a model: it must have every tensor that the model reads, and no others.
 */

import type { TensorInfo } from "./checkpoint/weights_file.ts";
import { describeMismatch } from "./nearest_names.ts";
import { ParameterError } from "./parameters.ts";
import type { TensorSpec } from "./tensor_spec.ts";

/**
 * Checks `tensors` against the tensor specs of a model.
 *
 * @param model the model's name in error messages
 * @param unread tensors that published checkpoints may contain and that are ignored
 * @throws {ParameterError} naming the first tensor that is missing, unknown, or of the wrong shape or type.
 */
export function requireFit(
  model: string,
  specs: readonly TensorSpec[],
  unread: readonly TensorSpec[],
  tensors: ReadonlyMap<string, TensorInfo>,
): void {
  const mismatch = () => describeMismatch([...specs, ...unread].map(({ name }) => name), tensors.keys());
  const present = unread.filter(({ name }) => tensors.has(name));
  for (const { name, dtype, shape } of [...specs, ...present]) {
    const found = tensors.get(name);
    if (!found) {
      throw new ParameterError(
        name,
        `of ${model}, ${dtype} [${shape}], is missing; check that this is a checkpoint of ${model}${mismatch()}`,
      );
    }
    if (found.shape.join() !== shape.join() || found.dtype !== dtype) {
      throw new ParameterError(
        name,
        `is ${found.dtype} [${found.shape}], but this size of ${model} has ${dtype} [${shape}]: choose the size that ` +
          "the checkpoint was published for",
      );
    }
  }
  const known = new Set([...specs, ...unread].map(({ name }) => name));
  const other = [...tensors.keys()].find((name) => !known.has(name));
  if (other !== undefined) {
    throw new ParameterError(
      other,
      `is in the checkpoint, but ${model} of this size has no such tensor${mismatch()}`,
    );
  }
}
