/**
 * The values that a parsed pickle can contain: plain values, and the few objects that a weight file may name.
 */

import type { DType } from "../../tensor/host_tensor.ts";

/** A callable on the allow-list. Calling it runs code of the reader, never of the file. */
export interface PickleGlobal {
  readonly type: "global";
  /** Module and name, such as "torch._utils._rebuild_tensor_v2". */
  readonly name: string;
}

/** A block of elements. Tensors are views of it. */
export interface TorchStorage {
  readonly type: "storage";
  readonly key: string;
  readonly dtype: DType;
  /** The number of elements of the block in the file. */
  readonly blockLength: number;
  /** The start of this storage in its block, in elements. Old files store views of storages. */
  readonly blockOffset: number;
  readonly length: number;
}

/** A tensor as the file describes it: a strided view of a storage. */
export interface TorchTensor {
  readonly type: "tensor";
  readonly storage: TorchStorage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | PickleGlobal
  | TorchStorage
  | TorchTensor;

export function isTagged<T extends "global" | "storage" | "tensor">(
  value: PickleValue | undefined,
  type: T,
): value is Extract<PickleValue, { type: T }> {
  return typeof value === "object" && value !== null && "type" in value && value.type === type;
}
