/** The one mask of an unambiguous prompt, replaced by the best of the three others where it is unstable. */

export interface FallbackOptions {
  /** The distance from 0 of the two thresholds whose areas are compared. */
  readonly delta: number;
  /** The least ratio of those areas that counts as stable. */
  readonly threshold: number;
}

/** The values of the reference implementation. */
export const FALLBACK: FallbackOptions = { delta: 0.05, threshold: 0.98 };

export interface SingleMask {
  /** Which of the four masks was taken. */
  readonly chosen: number;
  /** #{logit > delta} / #{logit > −delta} of mask 0; 1 where the second is 0. */
  readonly stability: number;
}

/**
 * Mask 0, or where its stability is below the threshold that of 1 … 3 with the highest predicted IoU.
 *
 * @param logits of mask 0
 * @param ious of all four masks
 */
export function singleMask(
  logits: Float32Array,
  ious: Float32Array,
  { delta, threshold }: FallbackOptions = FALLBACK,
): SingleMask {
  const limit = Math.fround(delta);
  let above = 0;
  let total = 0;
  for (let i = 0; i < logits.length; i++) {
    if (logits[i] > limit) above++;
    if (logits[i] > -limit) total++;
  }
  const stability = total > 0 ? Math.fround(above / total) : 1;
  if (stability >= Math.fround(threshold)) return { chosen: 0, stability };
  let best = 1;
  for (let i = 2; i < ious.length; i++) if (ious[i] > ious[best]) best = i;
  return { chosen: best, stability };
}
