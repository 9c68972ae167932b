/** Accuracy, top-k accuracy and macro precision, recall and F1 of single-label classification. */

import type { HostTensor } from "../../tensor/host_tensor.ts";
import { peakIndex } from "../changes/peak.ts";
import { MetricError } from "../metric_error.ts";
import { requireCount, requireIndex, requireSome, sidesOf, sliceOf } from "../shapes.ts";
import { balancingWeights } from "./sample_weights.ts";

/** The predictions of a classifier for a whole test set. */
export interface Predictions {
  readonly logits: HostTensor<"float32">;
  readonly labels: readonly number[];
  /** The weight of each image: 1, or {@link balancingWeights}. */
  readonly weights: Float64Array;
  readonly classes: number;
}

/**
 * Checks predictions and computes their weights.
 *
 * @param logits images × classes
 * @param balanced whether every class has the same weight; otherwise every image has
 * @throws {MetricError} if shapes differ or a label is not a class.
 */
export function predictions(
  logits: HostTensor<"float32">,
  labels: readonly number[],
  balanced: boolean,
): Predictions {
  const [images, classes] = sidesOf(logits, "logits", "images", "classes");
  requireCount("the number of labels", labels.length, images);
  requireSome("the number of images", images);
  labels.forEach((label, i) => requireIndex(`the label of image ${i}`, label, classes));
  const weights = balanced ? balancingWeights(labels) : new Float64Array(images).fill(1);
  return { logits, labels, weights, classes };
}

/** The first class with the highest logit of each image; class 0 if a logit is NaN. */
export function predictedClasses(logits: HostTensor<"float32">): number[] {
  const [images] = sidesOf(logits, "logits", "images", "classes");
  return Array.from({ length: images }, (_, i) => {
    const row = sliceOf(logits, i).data;
    return row.some(Number.isNaN) ? 0 : peakIndex(row);
  });
}

/** For each image, whether the label is the predicted class. */
export function isCorrect({ logits, labels }: Predictions): boolean[] {
  return predictedClasses(logits).map((predicted, i) => predicted === labels[i]);
}

/** The weighted fraction of correctly classified images. */
export function accuracy(given: Predictions): number {
  return weightedShare(isCorrect(given), given.weights);
}

/**
 * For each image, whether the label is among the `k` highest logits. Among equal logits, higher class numbers
 * come first.
 */
export function isInTop({ logits, labels }: Predictions, k: number): boolean[] {
  return labels.map((label, i) => {
    const row = sliceOf(logits, i).data;
    let ahead = 0;
    for (let other = 0; other < row.length; other++) {
      if (row[other] > row[label] || (row[other] === row[label] && other > label)) ahead++;
    }
    return ahead < k;
  });
}

/**
 * The weighted fraction of images whose class is among the `k` highest logits.
 *
 * @throws {MetricError} if a class has no image or a logit is NaN.
 */
export function topAccuracy(given: Predictions, k: number): number {
  requireAllClasses(given, `the top-${k} accuracy`);
  return weightedShare(isInTop(given, k), given.weights);
}

/**
 * Means over the classes that occur among labels or predictions. A score that is undefined for a class counts
 * as 0.
 */
export interface MacroScores {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/**
 * Macro precision, recall and F1 = 2 TP / (2 TP + FP + FN), all counts weighted.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { float32 } from "../../tensor/host_tensor.ts";
 * import { macroScores, predictions } from "./classification.ts";
 *
 * const logits = float32([3, 2], [2, 1, 0, 1, 3, 1]); // predicts 0, 1, 0
 * const { precision, recall } = macroScores(predictions(logits, [0, 1, 1], false));
 * assert.deepEqual([precision, recall], [(1 / 2 + 1) / 2, (1 + 1 / 2) / 2]);
 * ```
 */
export function macroScores({ logits, labels, weights, classes }: Predictions): MacroScores {
  const hits = new Float64Array(classes);
  const predicted = new Float64Array(classes);
  const actual = new Float64Array(classes);
  predictedClasses(logits).forEach((prediction, i) => {
    predicted[prediction] += weights[i];
    actual[labels[i]] += weights[i];
    if (prediction === labels[i]) hits[prediction] += weights[i];
  });
  let [precision, recall, f1, occurring] = [0, 0, 0, 0];
  for (let c = 0; c < classes; c++) {
    if (predicted[c] === 0 && actual[c] === 0) continue;
    occurring++;
    precision += ratioOrZero(hits[c], predicted[c]);
    recall += ratioOrZero(hits[c], actual[c]);
    f1 += ratioOrZero(2 * hits[c], predicted[c] + actual[c]);
  }
  return { precision: precision / occurring, recall: recall / occurring, f1: f1 / occurring };
}

/** a / b; 0 if b is 0. */
export function ratioOrZero(a: number, b: number): number {
  return b === 0 ? 0 : a / b;
}

/** @throws {MetricError} if a class has no image or a logit is NaN; `metric` is then undefined. */
export function requireAllClasses({ logits, labels, classes }: Predictions, metric: string): void {
  const present = new Set(labels);
  for (let c = 0; c < classes; c++) {
    if (!present.has(c)) {
      throw new MetricError(
        `${metric} needs at least one image of every class, but class ${c} of ${classes} has none`,
      );
    }
  }
  const nan = logits.data.findIndex(Number.isNaN);
  if (nan >= 0) {
    throw new MetricError(
      `${metric} needs logits that are numbers, but a logit of image ${Math.floor(nan / classes)} is NaN`,
    );
  }
}

function weightedShare(hits: readonly boolean[], weights: Float64Array): number {
  let share = 0;
  let total = 0;
  hits.forEach((hit, i) => {
    total += weights[i];
    if (hit) share += weights[i];
  });
  return share / total;
}
