/** Compares the relevance inside the object with the relevance outside it. */

import type { MaskData } from "../changes/location.ts";
import type { MetricFidelity } from "../fidelity.ts";
import { maximum } from "../selection.ts";
import { requireCount } from "../shapes.ts";

/** The lower bound of a clamped ratio's divisor, which is the mean relevance inside the object. */
const LEAST_INSIDE = 1e-8;

/**
 * The inside-outside relevance difference of the map divided by its maximum: the mean of the non-zero values
 * on the object minus the mean of those outside it. A mean of no values is 0. A map with maximum 0 has
 * difference 0.
 *
 * @param object 0 or 1, of the map's size
 */
export function relevanceDifference(map: Float32Array, object: MaskData): number {
  const highest = maximum(map);
  if (highest === 0) return 0;
  const { inside, outside } = meansOf(map.map((value) => value / highest), object);
  return (inside ?? 0) - (outside ?? 0);
}

/**
 * The outside-inside relevance ratio: the mean of the non-zero values outside the object divided by the mean
 * of those on it. Infinite if no value is on the object, 0 if none is outside it.
 */
export function relevanceRatio(
  map: Float32Array,
  object: MaskData,
  clamp: MetricFidelity["ratioClamp"],
): number {
  const { inside, outside } = meansOf(map, object);
  if (inside === undefined) return Infinity;
  const divisor = clamp === "inside" && inside < LEAST_INSIDE ? LEAST_INSIDE : inside;
  return (outside ?? 0) / divisor;
}

/**
 * The means of the non-zero values of map · object and of map · (1 − object); undefined if there are no such
 * values.
 */
function meansOf(map: Float32Array, object: MaskData): { inside?: number; outside?: number } {
  requireCount("the number of pixels of the object mask", object.length, map.length);
  const sums = [0, 0];
  const counts = [0, 0];
  for (let i = 0; i < map.length; i++) {
    const inside = map[i] * object[i];
    const outside = map[i] * (1 - object[i]);
    if (inside !== 0) [sums[0], counts[0]] = [sums[0] + inside, counts[0] + 1];
    if (outside !== 0) [sums[1], counts[1]] = [sums[1] + outside, counts[1] + 1];
  }
  const mean = (side: number) => counts[side] === 0 ? undefined : sums[side] / counts[side];
  return { inside: mean(0), outside: mean(1) };
}
