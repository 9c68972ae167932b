/** Selects rows of a host tensor. */

import { arrayType, type DType, elementCount, type HostTensor, hostTensor } from "./host_tensor.ts";

/**
 * The rows of a tensor [N, …] with the given indices, in this order; an index may occur several times. The
 * result is [rows, …].
 *
 * @throws {RangeError} if the tensor has no such row.
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
        `the row must be from 0 to ${shape[0] - 1} in a tensor [${shape}], but is ${row}`,
      );
    }
    taken.set((data as Float32Array).subarray(row * size, (row + 1) * size), i * size);
  });
  return hostTensor(dtype, [rows.length, ...shape.slice(1)], taken as unknown as HostTensor<T>["data"]);
}
