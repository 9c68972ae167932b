/** A tensor in host memory: element type, shape and row-major data. */

/** Element types, named as in safetensors and PyTorch. float16 and bfloat16 are stored as bit patterns. */
export type DType =
  | "float32"
  | "float64"
  | "float16"
  | "bfloat16"
  | "int64"
  | "int32"
  | "int16"
  | "int8"
  | "uint8"
  | "bool";

/** The typed array of each element type. */
export interface DataOf {
  float32: Float32Array;
  float64: Float64Array;
  float16: Uint16Array;
  bfloat16: Uint16Array;
  int64: BigInt64Array;
  int32: Int32Array;
  int16: Int16Array;
  int8: Int8Array;
  uint8: Uint8Array;
  /** One byte per element, 0 or 1. */
  bool: Uint8Array;
}

/** A row-major tensor; `data.length` is the product of `shape`, which is `[]` for a scalar. */
export interface HostTensor<T extends DType = DType> {
  readonly dtype: T;
  readonly shape: readonly number[];
  readonly data: DataOf[T];
}

const ARRAY_TYPES = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int64: BigInt64Array,
  int32: Int32Array,
  int16: Int16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const;

/** The typed-array constructor for `dtype`. */
export function arrayType<T extends DType>(dtype: T): (typeof ARRAY_TYPES)[T] {
  return ARRAY_TYPES[dtype];
}

/** The number of elements of `shape`; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/**
 * A host tensor that shares the memory of `data`.
 *
 * @throws {RangeError} if the length of `data` is not the product of `shape`.
 */
export function hostTensor<T extends DType>(
  dtype: T,
  shape: readonly number[],
  data: DataOf[T],
): HostTensor<T> {
  if (data.length !== elementCount(shape)) {
    throw new RangeError(
      `a ${dtype} tensor of shape [${shape}] holds ${
        elementCount(shape)
      } elements, but ${data.length} were given`,
    );
  }
  return { dtype, shape, data };
}

/** A float32 tensor of `shape` with the values of `values`. */
export function float32(shape: readonly number[], values: ArrayLike<number>): HostTensor<"float32"> {
  return hostTensor("float32", shape, values instanceof Float32Array ? values : Float32Array.from(values));
}

/** An int64 tensor of `shape` with the values of `values`. */
export function int64(shape: readonly number[], values: ArrayLike<number>): HostTensor<"int64"> {
  return hostTensor("int64", shape, BigInt64Array.from(Array.from(values, BigInt)));
}
