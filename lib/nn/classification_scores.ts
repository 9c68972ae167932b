/** Scores of predicted classes: accuracy, top k, and macro precision, recall and F1, with weights of samples. */

import type { HostTensor } from "../tensor/host_tensor.ts";

/** All between 0 and 1. */
export interface ClassificationScores {
  readonly accuracy: number;
  /** Means over the classes that occur among labels or predictions; 0 for a class where a score is undefined. */
  readonly precision: number;
  readonly recall: number;
  readonly f1_score: number;
}

/** The class of the largest logit of every row [N, C]; the first of equals, class 0 for a row with NaN. */
export function predictions({ shape: [count, classes], data }: HostTensor<"float32">): number[] {
  return Array.from({ length: count }, (_, row) => {
    let best = 0;
    for (let c = 0; c < classes; c++) {
      const value = data[row * classes + c];
      if (Number.isNaN(value)) return 0;
      if (value > data[row * classes + best]) best = c;
    }
    return best;
  });
}

/** 1 / (n/N + 1e-8) for every label, n of N labels being equal to it: all classes count alike. */
export function balancedWeights(labels: readonly number[]): number[] {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return labels.map((label) => 1 / (counts.get(label)! / labels.length + 1e-8));
}

/** The scores of `predicted` classes against `labels`; without weights every sample counts alike. */
export function classificationScores(
  predicted: readonly number[],
  labels: readonly number[],
  weights: readonly number[] = labels.map(() => 1),
): ClassificationScores {
  const classes = [...new Set([...labels, ...predicted])];
  const [hits, actual, claimed] = [
    new Map<number, number>(),
    new Map<number, number>(),
    new Map<number, number>(),
  ];
  const add = (to: Map<number, number>, key: number, weight: number) =>
    to.set(key, (to.get(key) ?? 0) + weight);
  labels.forEach((label, i) => {
    add(actual, label, weights[i]);
    add(claimed, predicted[i], weights[i]);
    if (predicted[i] === label) add(hits, label, weights[i]);
  });
  const share = (part: number | undefined, whole: number | undefined) => whole ? (part ?? 0) / whole : 0;
  const macro = (score: (c: number) => number) =>
    classes.reduce((total, c) => total + score(c), 0) / classes.length;
  const total = (of: Map<number, number>) => [...of.values()].reduce((a, b) => a + b, 0);
  return {
    accuracy: share(total(hits), total(actual)),
    precision: macro((c) => share(hits.get(c), claimed.get(c))),
    recall: macro((c) => share(hits.get(c), actual.get(c))),
    f1_score: macro((c) => share(2 * (hits.get(c) ?? 0), (actual.get(c) ?? 0) + (claimed.get(c) ?? 0))),
  };
}

/**
 * The weighted share of rows of logits [N, C] whose label is among the k largest: the last k of a stable ascending
 * sort, so that of equal logits the higher class counts as larger.
 */
export function topKAccuracy(
  { shape: [count, classes], data }: HostTensor<"float32">,
  labels: readonly number[],
  k: number,
  weights: readonly number[] = labels.map(() => 1),
): number {
  let hits = 0;
  for (let row = 0; row < count; row++) {
    const at = (c: number) => data[row * classes + c];
    const own = labels[row];
    let above = 0;
    for (let c = 0; c < classes; c++) if (at(c) > at(own) || (at(c) === at(own) && c > own)) above++;
    if (above < k) hits += weights[row];
  }
  return hits / weights.reduce((a, b) => a + b, 0);
}
