/** The number of prototypes that explain one image. */

import { maximum } from "../selection.ts";

/** A prototype is part of an explanation if its score is above this fraction of the highest score. */
export const LOCAL_SIZE_THRESHOLD = 0.1;

/**
 * The number of scores above `threshold` times the highest score, compared as ratios in float32; 0/0 does not
 * count.
 */
export function localSize(scores: Float32Array, threshold = LOCAL_SIZE_THRESHOLD): number {
  const highest = maximum(scores);
  const limit = Math.fround(threshold);
  return scores.filter((score) => Math.fround(score / highest) > limit).length;
}
