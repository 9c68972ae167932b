/**
 * An open weight file of any format. Names, shapes and types are known after opening; values are read on
 * demand.
 */

import {
  arrayType,
  type DType,
  elementCount,
  type HostTensor,
  hostTensor,
} from "../../tensor/host_tensor.ts";

/** Element type and shape of a tensor in a file, known before its bytes are read. */
export interface TensorInfo {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

export interface WeightsFile {
  readonly format: "safetensors" | "pytorch zip" | "pytorch legacy" | "tfjs layers-model";
  /** The file's tensors by name. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /**
   * The tensor with this name, in row-major order, in newly allocated memory.
   *
   * @throws {RangeError} if the file has no such tensor.
   * @throws {WeightsError} if the tensor's bytes are missing or damaged.
   */
  read(name: string): HostTensor;
  close(): void;
}

/** The entry with this name. If there is none, the error lists some of the existing names. */
export function entryOf<T>(entries: ReadonlyMap<string, T>, name: string, file: string): T {
  const entry = entries.get(name);
  if (entry !== undefined) return entry;
  const some = [...entries.keys()].slice(0, 5).join(", ");
  throw new RangeError(`${file} has no tensor "${name}"; it has ${entries.size}, the first: ${some}`);
}

/** A tensor of zeros, and a view of its bytes to fill. */
export function emptyTensor<T extends DType>(
  dtype: T,
  shape: readonly number[],
): { tensor: HostTensor<T>; bytes: Uint8Array<ArrayBuffer> } {
  const type = arrayType(dtype);
  const buffer = new ArrayBuffer(elementCount(shape) * type.BYTES_PER_ELEMENT);
  const data = new type(buffer) as HostTensor<T>["data"];
  return { tensor: hostTensor(dtype, shape, data), bytes: new Uint8Array(buffer) };
}

/**
 * The number of elements of `shape`; undefined if `shape` is not an array of non-negative integers or the
 * number exceeds 2^53.
 */
export function checkedElementCount(shape: unknown): number | undefined {
  if (!Array.isArray(shape)) return undefined;
  let count = 1;
  for (const length of shape) {
    if (!Number.isSafeInteger(length) || length < 0) return undefined;
    count *= length;
    if (!Number.isSafeInteger(count)) return undefined;
  }
  return count;
}
