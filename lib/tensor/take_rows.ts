/** Rows of a host tensor. */

import { arrayType, type DType, elementCount, type HostTensor, hostTensor } from "./host_tensor.ts";

/**
 * The given rows of a tensor [N, …], in the given order, each as often as it is named; [rows, …].
 *
 * @throws {RangeError} for a row that the tensor lacks.
 */
export function takeRows<T extends DType>(
  { dtype, shape, data }: HostTensor<T>,
  rows: readonly number[],
): HostTensor<T> {
  const size = elementCount(shape.slice(1));
  const taken = new (arrayType(dtype))(rows.length * size) as Float32Array;
  rows.forEach((row, i) => {
    if (!(Number.isInteger(row) && row >= 0 && row < shape[0])) {
      throw new RangeError(
        `row ${row} was asked for, but the tensor [${shape}] has the rows 0 … ${shape[0] - 1}`,
      );
    }
    taken.set((data as Float32Array).subarray(row * size, (row + 1) * size), i * size);
  });
  return hostTensor(dtype, [rows.length, ...shape.slice(1)], taken as unknown as HostTensor<T>["data"]);
}
