/** The sine encoding of SAM 2's pyramid, which only its video memory reads. */

import { float32, type HostTensor } from "../../../lib/tensor/host_tensor.ts";

/**
 * [channels, side, side]: sines and cosines of increasing wavelength (Vaswani et al. 2017), of the row in the
 * first half of the channels and of the column in the second half. Position i is 2π·(i + 1)/(side + 1e-6),
 * divided by 10000^(2⌊k/2⌋/(channels/2)) in channel k of its half.
 */
export function sinePositions(channels: number, side: number): HostTensor<"float32"> {
  const half = channels / 2;
  const data = new Float32Array(channels * side * side);
  for (let k = 0; k < half; k++) {
    const wavelength = 10000 ** (2 * Math.floor(k / 2) / half);
    for (let i = 0; i < side; i++) {
      const angle = 2 * Math.PI * (i + 1) / (side + 1e-6) / wavelength;
      const value = k % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
      for (let j = 0; j < side; j++) {
        data[(k * side + i) * side + j] = value;
        data[((half + k) * side + j) * side + i] = value;
      }
    }
  }
  return float32([channels, side, side], data);
}
