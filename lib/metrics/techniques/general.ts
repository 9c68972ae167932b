/** General performance: accuracy, top-3 accuracy and macro scores of a whole test set, in percent. */

import type { HostTensor } from "../../tensor/host_tensor.ts";
import { accuracy, macroScores, predictions, topAccuracy } from "../general/classification.ts";
import { rocAuc } from "../general/roc_auc.ts";

/** The metrics of general performance. */
export const GENERAL_METRICS = [
  "Accuracy",
  "top-3 Accuracy",
  "Precision",
  "Recall",
  "F1 score",
  "ROC AUC",
] as const;

/** The name of a general metric in tables. */
export type GeneralMetric = typeof GENERAL_METRICS[number];

/** The metrics in the paper's Table I. */
export const PAPER_GENERAL_METRICS: readonly GeneralMetric[] = ["Accuracy", "top-3 Accuracy", "F1 score"];

/**
 * @param logits images × classes
 * @param balanced whether every class has the same weight, as in the reference implementation; otherwise
 * every image has
 * @throws {MetricError} if shapes differ, or if the top-3 accuracy or ROC AUC is requested and a class has no
 * image or a logit is NaN.
 */
export function generalPerformance(
  logits: HostTensor<"float32">,
  labels: readonly number[],
  metrics: readonly GeneralMetric[] = PAPER_GENERAL_METRICS,
  balanced = true,
): Record<string, number> {
  const given = predictions(logits, labels, balanced);
  const { precision, recall, f1 } = macroScores(given);
  const values: Record<GeneralMetric, () => number> = {
    "Accuracy": () => accuracy(given),
    "top-3 Accuracy": () => topAccuracy(given, 3),
    "Precision": () => precision,
    "Recall": () => recall,
    "F1 score": () => f1,
    "ROC AUC": () => rocAuc(given),
  };
  return Object.fromEntries(metrics.map((metric) => [metric, 100 * values[metric]()]));
}
