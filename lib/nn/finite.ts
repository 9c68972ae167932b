/** Tensors must hold finite numbers before anything made of them is kept. */

import type { HostTensor } from "../tensor/host_tensor.ts";

/** A tensor with values that are not finite; the message names the tensor, and where it arose. */
export class NotFiniteError extends Error {
  override readonly name = "NotFiniteError";
}

/**
 * The first of `tensors` that holds NaN or an infinity, in words: `"fc.weight" holds 3 of 8 values that are not finite,
 * the first NaN`; undefined where all are finite. Tensors of integers always are.
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
 * @param place what the tensors belong to, as the error's first words
 * @param advice what to do about it, as the error's last words
 * @throws {NotFiniteError} naming the first tensor that is not.
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
  // A loop of one subtraction: x − x is 0 for finite numbers alone. A ResNet-50 with its optimiser has 10⁸ values.
  for (let i = 0; i < data.length; i++) if (data[i] - data[i] !== 0) return i;
}
