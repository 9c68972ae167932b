/** The stability of a mask under a change of the threshold that binarises its logits. */

/**
 * #{logit > threshold + offset} / #{logit > threshold − offset} in float32 (Kirillov et al., "Segment Anything",
 * ICCV 2023); NaN where both counts are 0.
 */
export function stabilityScore(logits: Float32Array, threshold: number, offset: number): number {
  const high = Math.fround(threshold + offset);
  const low = Math.fround(threshold - offset);
  let above = 0;
  let total = 0;
  for (let i = 0; i < logits.length; i++) {
    if (logits[i] > high) above++;
    if (logits[i] > low) total++;
  }
  return Math.fround(above / total);
}
