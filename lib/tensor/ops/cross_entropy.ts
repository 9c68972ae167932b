/** Cross entropy of logits and class labels. */

import { checked, Mismatch, type Tensor } from "../op.ts";
import { div, mul, neg } from "./arithmetic.ts";
import { sum } from "./broadcast.ts";
import { gather, take } from "./gather.ts";
import { mean } from "./reduce.ts";
import { squeeze, unsqueeze } from "./shape.ts";
import { logSoftmax } from "./softmax.ts";

export interface CrossEntropyOptions {
  /** A weight per class, [C]. */
  classWeights?: Tensor;
  /** `mean` divides the sum by the sum of the labels' class weights. */
  reduction?: "mean" | "sum" | "none";
}

/** −w[y]·logSoftmax(logits)[y] for logits [N, C] and int64 labels y [N]. */
export function crossEntropy(logits: Tensor, labels: Tensor, options: CrossEntropyOptions = {}): Tensor {
  return checked("cross_entropy", [logits, labels], options, () => {
    const { classWeights, reduction = "mean" } = options;
    if (logits.shape.length !== 2 || labels.shape.join() !== String(logits.shape[0])) {
      throw new Mismatch("needs logits [N, C] and labels [N]");
    }
    if (classWeights && classWeights.shape.join() !== String(logits.shape[1])) {
      throw new Mismatch(`the class weights must be [${logits.shape[1]}]`);
    }
    const losses = neg(squeeze(gather(logSoftmax(logits, 1), 1, unsqueeze(labels, 1)), [1]));
    const weights = classWeights && take(classWeights, 0, labels);
    const weighted = weights ? mul(losses, weights) : losses;
    if (reduction === "none") return weighted;
    if (reduction === "sum") return sum(weighted);
    return weights ? div(sum(weighted), sum(weights)) : mean(losses);
  });
}
