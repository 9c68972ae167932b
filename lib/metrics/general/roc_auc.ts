/** Area under the ROC curve of a multi-class classifier. */

import { sliceOf } from "../shapes.ts";
import { type Predictions, requireAllClasses } from "./classification.ts";

const f32 = Math.fround;

/**
 * The mean over the classes of the one-vs-rest area under the curve of softmax probabilities. The area is the
 * weighted fraction of pairs in the correct order; ties count ½.
 *
 * @throws {MetricError} if a class has no image or a logit is NaN.
 */
export function rocAuc(given: Predictions): number {
  requireAllClasses(given, "the ROC AUC");
  const { logits, labels, weights, classes } = given;
  const probabilities = labels.map((_, i) => softmax(sliceOf(logits, i).data));
  let sum = 0;
  for (let c = 0; c < classes; c++) {
    sum += area(
      probabilities.map((row) => row[c]),
      labels.map((l) => l === c),
      weights,
    );
  }
  return sum / classes;
}

/** Softmax in float32, so that probabilities that round to the same value are ties. */
function softmax(row: Float32Array): Float32Array {
  const largest = row.reduce((a, b) => Math.max(a, b));
  const exponentials = row.map((value) => Math.exp(f32(value - largest)));
  const total = f32(exponentials.reduce((a, b) => a + b, 0));
  return exponentials.map((value) => value / total);
}

function area(scores: readonly number[], isPositive: readonly boolean[], weights: Float64Array): number {
  const order = scores.map((_, i) => i).sort((a, b) => scores[a] - scores[b]);
  let [positives, negatives, ordered] = [0, 0, 0];
  for (let start = 0; start < order.length;) {
    let [tiedPositives, tiedNegatives] = [0, 0];
    let end = start;
    for (; end < order.length && scores[order[end]] === scores[order[start]]; end++) {
      if (isPositive[order[end]]) tiedPositives += weights[order[end]];
      else tiedNegatives += weights[order[end]];
    }
    ordered += tiedPositives * (negatives + tiedNegatives / 2);
    positives += tiedPositives;
    negatives += tiedNegatives;
    start = end;
  }
  return ordered / (positives * negatives);
}
