/** Masks of the most relevant pixels of a map: those at or above a percentile of its values. */

import type { MetricFidelity } from "../fidelity.ts";
import { quantile } from "./quantile.ts";

/** The percentile of saliency maps: the top 5 % of the pixels are kept. */
export const SALIENCY_PERCENTILE = 95;

/**
 * A mask of 1 where a value is not below the percentile of all values (everywhere if one value is NaN). With
 * `positive`, the mask is 0 where the value is 0 or less.
 *
 * @param maps one map, or several that share the percentile
 * @param percentile 0 … 100
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { percentileMask } from "./percentile_mask.ts";
 *
 * const { threshold, mask } = percentileMask(Float32Array.of(0, 1, 2, 3, 4), 75, "positive");
 * assert.equal(threshold, 3);
 * assert.deepEqual([...mask], [0, 0, 0, 1, 1]);
 * ```
 */
export function percentileMask(
  maps: Float32Array,
  percentile: number,
  sparse: MetricFidelity["sparse"],
): { threshold: number; mask: Uint8Array } {
  const threshold = quantile(maps, percentile / 100);
  const mask = new Uint8Array(maps.length);
  for (let i = 0; i < maps.length; i++) {
    if (!(maps[i] < threshold) && (sparse === "all" || maps[i] > 0)) mask[i] = 1;
  }
  return { threshold, mask };
}

/** The map multiplied by its mask. */
export function clipMap(map: Float32Array, mask: Uint8Array): Float32Array {
  const clipped = new Float32Array(map.length);
  for (let i = 0; i < map.length; i++) clipped[i] = map[i] * mask[i];
  return clipped;
}
