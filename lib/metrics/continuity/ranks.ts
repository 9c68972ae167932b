/** Changes of the ranks of prototypes and classes after an image is changed. */

import { activationChange, sortDescending } from "../changes/activation.ts";
import { peakIndex } from "../changes/peak.ts";
import { descendingOrder } from "../selection.ts";
import { requireCount, requireIndex } from "../shapes.ts";

/**
 * For each rank of `top`, the number of ranks by which its prototype moved in the new descending order.
 *
 * @param scores the new scores of all prototypes: one list for all ranks, or one list per rank
 */
export function rankChanges(
  top: readonly number[],
  scores: Float32Array | readonly Float32Array[],
): number[] {
  if (!(scores instanceof Float32Array)) {
    requireCount("the number of lists of scores", scores.length, top.length);
  }
  const shared = scores instanceof Float32Array ? descendingOrder(scores) : undefined;
  return top.map((prototype, rank) => {
    const order = shared ?? descendingOrder((scores as readonly Float32Array[])[rank]);
    requireIndex(`the prototype of rank ${rank}`, prototype, order.length);
    return Math.abs(order.indexOf(prototype) - rank);
  });
}

/** 1 − Σ min / Σ max of two lists of logits, each in descending order; outside [0, 1] if signs differ. */
export function logitChange(before: Float32Array, after: Float32Array): number {
  return activationChange(sortDescending(before), sortDescending(after));
}

/** The rank in `after` of the class with the highest logit in `before` (the first of several equal). */
export function topClassRank(before: Float32Array, after: Float32Array): number {
  requireCount("the number of classes after the change", after.length, before.length);
  return descendingOrder(after).indexOf(peakIndex(before));
}
