/** Weights that make every class count the same. */

import { requireIndex, requireSome } from "../shapes.ts";

/** Added to a class's share before dividing by it. */
const SHARE_OFFSET = 1e-8;

/**
 * 1 / (n / N + 1e-8) for every image, n being the number of images of its class and N that of all.
 *
 * @throws {MetricError} when there are no labels or one is not a class number.
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

/** The weight of an image of a class with `count` of `total` images. */
export function classWeight(count: number, total: number): number {
  return 1 / (count / total + SHARE_OFFSET);
}
