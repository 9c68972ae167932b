/** Selects the mask of an unambiguous prompt; if it is unstable, the best of the three other masks. */

export interface FallbackOptions {
  /** The stability compares the areas above the thresholds `delta` and `−delta`. */
  readonly delta: number;
  /** The lowest ratio of these areas that counts as stable. */
  readonly threshold: number;
}

/** The values of the reference implementation. */
export const FALLBACK: FallbackOptions = { delta: 0.05, threshold: 0.98 };

export interface SingleMask {
  /** The index of the selected mask, of four. */
  readonly chosen: number;
  /** #{logit > delta} / #{logit > −delta} of mask 0; 1 if the second is 0. */
  readonly stability: number;
}

/**
 * Selects mask 0 or, if its stability is below the threshold, the mask of 1 … 3 with the highest predicted
 * IoU.
 *
 * @param logits the logits of mask 0
 * @param ious the predicted IoUs of all four masks
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
