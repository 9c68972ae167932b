/** How far two tensors are apart. */

import type { HostTensor } from "../lib/tensor/host_tensor.ts";

/** The norm of a − b over that of b. */
export function relativeDifference(a: HostTensor, b: HostTensor): number {
  let [difference, norm] = [0, 0];
  Array.from(b.data as ArrayLike<number | bigint>, Number).forEach((value, i) => {
    difference += (Number(a.data[i]) - value) ** 2;
    norm += value ** 2;
  });
  return Math.sqrt(difference) / Math.max(Math.sqrt(norm), 1e-6);
}
