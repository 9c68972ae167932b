/** Masks of maps by a fixed threshold: above 0, or above a fraction of the value range. */

import { MetricError } from "../metric_error.ts";

const f32 = Math.fround;

/** A mask of 1 where the map is above 0 or NaN, else 0. */
export function binaryMask(map: Float32Array): Uint8Array {
  return Uint8Array.from(map, (value) => value <= 0 ? 0 : 1);
}

/**
 * A mask of 1 where (value − minimum) / (maximum − minimum) > threshold, in float32; 0 everywhere if the map
 * is constant or has a NaN.
 *
 * @param maps one map, or several that share their minimum and maximum
 */
export function minMaxMask(maps: Float32Array, threshold = 0.5): Uint8Array {
  if (maps.length === 0) {
    throw new MetricError("a min-max mask needs a map with at least one value, but the map is empty");
  }
  let smallest = Infinity;
  let largest = -Infinity;
  for (let i = 0; i < maps.length; i++) {
    if (maps[i] !== maps[i]) return new Uint8Array(maps.length);
    if (maps[i] < smallest) smallest = maps[i];
    if (maps[i] > largest) largest = maps[i];
  }
  const range = f32(largest - smallest);
  const limit = f32(threshold);
  const mask = new Uint8Array(maps.length);
  for (let i = 0; i < maps.length; i++) {
    if (f32(f32(maps[i] - smallest) / range) > limit) mask[i] = 1;
  }
  return mask;
}
