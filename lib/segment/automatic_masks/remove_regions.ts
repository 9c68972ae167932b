/** Small holes and islands of a mask's logits, at the model's resolution. */

import { mask } from "../../vision/image.ts";
import { connectedComponents } from "../../vision/masks/components.ts";

/** The distance from the mask threshold to which the logits of a removed region are set. */
const CERTAINTY = 10;

export interface RegionLimits {
  /** The logit above which a pixel is inside. */
  readonly threshold: number;
  /** The largest hole that is filled and the largest island that is dropped, in pixels of the logits. */
  readonly hole: number;
  readonly island: number;
}

/**
 * Logits without small 8-connected regions: holes (not above `threshold`) are raised to threshold + 10, then islands
 * (above `threshold` in the original logits) are lowered to threshold − 10. Returns the given array if there is no such
 * region.
 */
export function removeRegions(
  logits: Float32Array,
  width: number,
  height: number,
  { threshold, hole, island }: RegionLimits,
): Float32Array {
  const limit = Math.fround(threshold);
  if (hole <= 0 && island <= 0) return logits;
  const inside = Uint8Array.from(logits, (value) => value > limit ? 1 : 0);
  const outside = inside.map((value) => 1 - value);
  let result = logits;
  const kinds = [[outside, hole, threshold + CERTAINTY], [inside, island, threshold - CERTAINTY]] as const;
  for (const [region, area, value] of kinds) {
    if (area <= 0) continue;
    const { labels, areas } = connectedComponents(mask(width, height, region), 8);
    if (!areas.some((size) => size <= area)) continue;
    if (result === logits) result = logits.slice();
    for (let i = 0; i < labels.length; i++) {
      if (labels[i] > 0 && areas[labels[i] - 1] <= area) result[i] = value;
    }
  }
  return result;
}
