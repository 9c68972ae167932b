/** Explanations by masks: the mask of the view that is most similar to a prototype, as it lies in the whole image. */

import type { HostTensor } from "../tensor/host_tensor.ts";

/**
 * 1 where an image that was cut by its mask is not black, else 0.
 *
 * @param cut [channels, h, w]
 * @returns h·w elements, row by row
 */
export function maskOfCut({ shape, data }: HostTensor<"float32" | "uint8">): Uint8Array {
  const [channels, height, width] = shape;
  const size = height * width;
  const mask = new Uint8Array(size);
  for (let i = 0; i < size; i++) {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += data[c * size + i];
    if (sum > 0) mask[i] = 1;
  }
  return mask;
}
