/** Accuracy, precision, recall and F1 for images that may have several labels. */

import type { HostTensor } from "../../../lib/tensor/host_tensor.ts";
import { requireSameShape, requireSome, sidesOf } from "../../../lib/metrics/shapes.ts";
import { type MacroScores, ratioOrZero } from "../../../lib/metrics/general/classification.ts";
import { classWeight } from "../../../lib/metrics/general/sample_weights.ts";

export interface MultilabelScores extends MacroScores {
  /** The fraction of images with all labels predicted correctly. */
  readonly accuracy: number;
}

/**
 * Scores averaged over the images; the undefined score of an image counts as 0. A class is predicted if its
 * logit is above `threshold`, in float32.
 *
 * @param logits images × classes
 * @param targets images × classes; a non-zero value is a label
 * @param balanced whether the weight of an image is Σ over its labels of 1 / (n / N + 1e-8), where n is the
 * number of images with that label and N the number of all images
 */
export function multilabelScores(
  logits: HostTensor<"float32">,
  targets: HostTensor,
  threshold: number,
  balanced: boolean,
): MultilabelScores {
  const [images, classes] = sidesOf(logits, "logits", "images", "classes");
  requireSameShape(logits, targets, "logits and targets");
  requireSome("the number of images", images);
  const counts = new Float64Array(classes);
  for (let i = 0; i < targets.data.length; i++) if (Number(targets.data[i]) !== 0) counts[i % classes]++;
  const limit = Math.fround(threshold);
  const sums = { accuracy: 0, precision: 0, recall: 0, f1: 0 };
  let total = 0;
  for (let i = 0; i < images; i++) {
    let [hits, predicted, actual, weight, isExact] = [0, 0, 0, 0, true];
    for (let c = 0; c < classes; c++) {
      const isPredicted = logits.data[i * classes + c] > limit;
      const isActual = Number(targets.data[i * classes + c]) !== 0;
      if (isPredicted) predicted++;
      if (isActual) [actual, weight] = [actual + 1, weight + classWeight(counts[c], images)];
      if (isPredicted && isActual) hits++;
      if (isPredicted !== isActual) isExact = false;
    }
    if (!balanced) weight = 1;
    total += weight;
    if (isExact) sums.accuracy += weight;
    sums.precision += weight * ratioOrZero(hits, predicted);
    sums.recall += weight * ratioOrZero(hits, actual);
    sums.f1 += weight * ratioOrZero(2 * hits, predicted + actual);
  }
  return {
    accuracy: sums.accuracy / total,
    precision: sums.precision / total,
    recall: sums.recall / total,
    f1: sums.f1 / total,
  };
}
