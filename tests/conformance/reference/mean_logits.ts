/** The mean logits of correct and of incorrect classes, and the decision threshold half way between them. */

import type { HostTensor } from "../../../lib/tensor/host_tensor.ts";
import { meanOf } from "../../../lib/metrics/image_values.ts";
import {
  requireCount,
  requireIndex,
  requireSameShape,
  requireSome,
  sidesOf,
  sliceOf,
} from "../../../lib/metrics/shapes.ts";

export interface MeanLogits {
  readonly meanPositive: number;
  readonly meanNegative: number;
  /** The mean of `positive` and `negative`. */
  readonly threshold: number;
}

/**
 * The mean logit of an image's labels and that of its other classes, each averaged over the images.
 *
 * @param targets images × classes; a non-zero value is a label
 * @param unlabelled `spoil`: if any image has no label, the divisor of every image's labels is 1 too large;
 * `left_out`: images without labels are excluded from the positive mean
 */
export function multilabelMeanLogits(
  logits: HostTensor<"float32">,
  targets: HostTensor,
  unlabelled: "spoil" | "left_out",
): MeanLogits {
  const [images, classes] = sidesOf(logits, "logits", "images", "classes");
  requireSameShape(logits, targets, "logits and targets");
  requireSome("the number of images", images);
  const sums = Array.from({ length: images }, (_, i) => {
    const sum = { positive: 0, negative: 0, labels: 0 };
    for (let at = i * classes; at < (i + 1) * classes; at++) {
      if (Number(targets.data[at]) !== 0) {
        [sum.positive, sum.labels] = [sum.positive + logits.data[at], sum.labels + 1];
      } else sum.negative += logits.data[at];
    }
    return sum;
  });
  const isSpoilt = unlabelled === "spoil" && sums.some(({ labels }) => labels === 0);
  const counted = unlabelled === "spoil" ? sums : sums.filter(({ labels }) => labels > 0);
  return withThreshold(
    meanOf(counted.map(({ positive, labels }) => positive / (isSpoilt ? labels + 1 : labels))),
    meanOf(sums.map(({ negative, labels }) => negative / (classes - labels))),
  );
}

/**
 * `classes`: the mean logit of the labelled class and that of all other classes. `rows`: the labels are used
 * as row indices: the mean of these rows, and the mean of the rows at these indices counted from the end,
 * divided by the number of classes minus one.
 */
export function singleLabelMeanLogits(
  logits: HostTensor<"float32">,
  labels: readonly number[],
  rule: "rows" | "classes",
): MeanLogits {
  const [images, classes] = sidesOf(logits, "logits", "images", "classes");
  requireCount("the number of labels", labels.length, images);
  requireSome("the number of images", images);
  labels.forEach((label, i) => requireIndex(`the label of image ${i}`, label, classes));
  if (rule === "rows") {
    labels.forEach((label) => requireIndex("a label used as the index of a row of logits", label, images));
    const rowMean = (row: number) => meanOf(sliceOf(logits, row).data);
    return withThreshold(
      meanOf(labels.map(rowMean)),
      meanOf(labels.map((label) => rowMean(images - 1 - label))) / (classes - 1),
    );
  }
  const right = labels.map((label, i) => logits.data[i * classes + label]);
  const all = logits.data.reduce((sum, logit) => sum + logit, 0);
  const others = all - right.reduce((sum, logit) => sum + logit, 0);
  return withThreshold(meanOf(right), others / (images * (classes - 1)));
}

function withThreshold(meanPositive: number, meanNegative: number): MeanLogits {
  return { meanPositive, meanNegative, threshold: (meanPositive + meanNegative) / 2 };
}
