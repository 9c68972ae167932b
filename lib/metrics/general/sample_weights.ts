/** Weights that give every class the same total weight. */

import { requireIndex, requireSome } from "../shapes.ts";

/** Added to the fraction of a class before dividing by it. */
const SHARE_OFFSET = 1e-8;

/**
 * 1 / (n / N + 1e-8) for every image, where n is the number of images of its class and N the number of all
 * images.
 *
 * @throws {MetricError} if there are no labels or one is not a class number.
 */
export function balancingWeights(labels: readonly number[]): Float64Array {
  requireSome("the number of labels", labels.length);
  const counts = new Map<number, number>();
  labels.forEach((label, i) => {
    requireIndex(`the label of image ${i}`, label, Infinity);
    counts.set(label, (counts.get(label) ?? 0) + 1);
  });
  return Float64Array.from(labels, (label) => classWeight(counts.get(label)!, labels.length));
}

/** The weight of an image whose class has `count` of `total` images. */
export function classWeight(count: number, total: number): number {
  return 1 / (count / total + SHARE_OFFSET);
}
