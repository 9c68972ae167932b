/** The peak of a map: its position, and the distance and change between two peaks. */

import type { HostTensor } from "../../tensor/host_tensor.ts";
import type { MetricFidelity } from "../fidelity.ts";
import { sidesOf } from "../shapes.ts";

/** The row-major index of the first maximum, or of the first NaN if there is one. */
export function peakIndex(values: ArrayLike<number>): number {
  let peak = 0;
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== values[i]) return i;
    if (values[i] > values[peak]) peak = i;
  }
  return peak;
}

/**
 * The Manhattan distance between the peaks of two maps of the same size.
 *
 * @param side the divisor that splits an index into row and column; see {@link peakSide}
 */
export function peakDistance(a: number, b: number, side: number): number {
  return Math.abs(Math.floor(a / side) - Math.floor(b / side)) + Math.abs(a % side - b % side);
}

/** The divisor that splits the index of a peak into row and column, for maps of this size. */
export function peakSide(maps: HostTensor<"float32">, by: MetricFidelity["peak"]): number {
  const [, height, width] = sidesOf(maps, "maps", "maps", "height", "width");
  return by === "height" ? height : width;
}

/** |max a − max b| / max a; NaN or infinite if the first maximum is 0. */
export function peakValueChange(first: number, second: number): number {
  return Math.abs(first - second) / first;
}
