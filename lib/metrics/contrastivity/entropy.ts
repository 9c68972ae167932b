/** The entropy of a prototype's scores over the images. */

import { MetricError } from "../metric_error.ts";
import { maximum } from "../selection.ts";

/** Fractions of a histogram below this value count as 0. */
const LEAST_SHARE = Math.fround(1e-3);

const f32 = Math.fround;

/**
 * The entropy in bits of the histogram over [0, 1] of a prototype's scores divided by their maximum, clamped
 * to [0, 1] as in the reference implementation. Values outside are dropped; 1 lies in the last bin.
 *
 * @param scores the scores of one prototype, one per image
 * @throws {MetricError} if the histogram is empty, for example because all scores are 0.
 */
export function activationEntropy(scores: Float32Array, bins = 10): number {
  const highest = maximum(scores);
  const counts = new Float64Array(bins);
  let total = 0;
  for (const score of scores) {
    const value = f32(score / highest);
    if (!(value >= 0 && value <= 1)) continue;
    counts[Math.min(Math.floor(f32(value * bins)), bins - 1)]++;
    total++;
  }
  if (total === 0) {
    throw new MetricError(
      `the entropy of a prototype is not defined: its ${scores.length} scores have the maximum ${highest}`,
    );
  }
  let entropy = 0;
  for (const count of counts) {
    const share = f32(count / total);
    if (share >= LEAST_SHARE) entropy -= share * Math.log2(share);
  }
  return Math.min(Math.max(entropy, 0), 1);
}
