/** Checks that tensors hold only finite numbers before results are stored. */

import type { HostTensor } from "../tensor/host_tensor.ts";

/**
 * A tensor with values that are not finite; the message names the tensor and the object to which it belongs.
 */
export class NotFiniteError extends Error {
  override readonly name = "NotFiniteError";
}

/**
 * Describes the first tensor with NaN or infinite values, for example `"fc.weight" holds 3 of 8 values that
 * are not finite, the first NaN`; undefined if all values are finite. Integers are always finite.
 */
export function describeNotFinite(tensors: Iterable<readonly [string, HostTensor]>): string | undefined {
  for (const [name, { data }] of tensors) {
    if (!(data instanceof Float32Array || data instanceof Float64Array)) continue;
    const first = firstNotFinite(data);
    if (first === undefined) continue;
    return `"${name}" holds ${countNotFinite(data)} of ${data.length} values that are not finite, the first ${
      data[first]
    }`;
  }
}

/**
 * Checks that all of `tensors` are finite.
 *
 * @param place the object to which the tensors belong; the beginning of the error message
 * @param advice what to do; the end of the error message
 * @throws {NotFiniteError} if a tensor has values that are not finite; names the first such tensor.
 */
export function requireFinite(
  tensors: Iterable<readonly [string, HostTensor]>,
  place: string,
  advice: string,
): void {
  const found = describeNotFinite(tensors);
  if (found !== undefined) throw new NotFiniteError(`${place}: ${found}; ${advice}`);
}

function countNotFinite(data: Float32Array | Float64Array): number {
  let count = 0;
  for (const value of data) if (!Number.isFinite(value)) count++;
  return count;
}

function firstNotFinite(data: Float32Array | Float64Array): number | undefined {
  // One subtraction per value, because a ResNet-50 with its optimiser has 10⁸ values: x − x is 0 only for
  // finite x.
  for (let i = 0; i < data.length; i++) if (data[i] - data[i] !== 0) return i;
}
