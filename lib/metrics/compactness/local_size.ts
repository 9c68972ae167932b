/** How many prototypes explain one image. */

import { maximum } from "../selection.ts";

/** A prototype takes part in an explanation from this share of the highest score on. */
export const LOCAL_SIZE_THRESHOLD = 0.1;

/** The number of scores above `threshold` times the highest, compared as ratios in float32; 0/0 is not above. */
export function localSize(scores: Float32Array, threshold = LOCAL_SIZE_THRESHOLD): number {
  const highest = maximum(scores);
  const limit = Math.fround(threshold);
  return scores.filter((score) => Math.fround(score / highest) > limit).length;
}
