/** Performance over the answers to all images, and the entries of images in an evaluation. */

import type { ViewedSample } from "../data/views/views_file.ts";
import { isCorrect, isInTop, predictions } from "../metrics/general/classification.ts";
import { MetricError } from "../metrics/metric_error.ts";
import { topIndices } from "../metrics/selection.ts";
import {
  type GeneralMetric,
  generalPerformance,
  PAPER_GENERAL_METRICS,
} from "../metrics/techniques/general.ts";
import { float32, type HostTensor } from "../tensor/host_tensor.ts";
import type { Decision } from "./decisions.ts";
import type { EvaluatedSample } from "./evaluation_file.ts";
import type { ImageAnswer } from "./image_answers.ts";

/** The number of classes listed for each image. */
const NAMED_CLASSES = 5;

/** What is kept of an answer. */
export interface KeptAnswer extends Pick<ImageAnswer, "logits" | "top"> {
  readonly decision?: Decision;
}

/** Figures by name, and the reason for each missing one. */
export interface Figures {
  readonly results: Record<string, number>;
  readonly omitted: Record<string, string>;
}

/** Performance in percent; undefined figures, such as the ROC AUC of a class without images, are left out. */
export function performance(
  answers: readonly KeptAnswer[],
  labels: readonly number[],
  metrics: readonly GeneralMetric[] = PAPER_GENERAL_METRICS,
): Figures {
  const logits = logitsOf(answers);
  const figures: Figures = { results: {}, omitted: {} };
  for (const metric of metrics) addFigure(figures, metric, logits, labels);
  return figures;
}

/** The finite ones of `figures`; the others are left out, each with its reason. */
export function finiteFigures(figures: Readonly<Record<string, number>>): Figures {
  const found: Figures = { results: {}, omitted: {} };
  for (const [name, value] of Object.entries(figures)) {
    if (Number.isFinite(value)) found.results[name] = value;
    else found.omitted[name] = `it is ${value}: the model or an explanation has no finite value of it`;
  }
  return found;
}

function addFigure(
  { results, omitted }: Figures,
  metric: GeneralMetric,
  logits: HostTensor<"float32">,
  labels: readonly number[],
): void {
  try {
    Object.assign(results, generalPerformance(logits, labels, [metric]));
  } catch (error) {
    if (!(error instanceof MetricError)) throw error;
    omitted[metric] = error.message;
  }
}

/** @param values the contribution of each sample to the figures, by figure */
export function sampleFacts(
  samples: readonly ViewedSample[],
  answers: readonly KeptAnswer[],
  values: readonly Record<string, number>[],
): EvaluatedSample[] {
  const given = predictions(logitsOf(answers), samples.map(({ label }) => label), true);
  const correct = isCorrect(given);
  const inTop3 = isInTop(given, 3);
  return samples.map(({ id, name, label }, i) => {
    const { logits: { data }, top, decision } = answers[i];
    const named = topIndices(data, Math.min(NAMED_CLASSES, data.length));
    return {
      id,
      name,
      label,
      isCorrect: correct[i],
      isInTop3: inTop3[i],
      classes: named.map((label) => ({ label, logit: data[label] })),
      top,
      ...(decision && { decision }),
      values: values[i],
    };
  });
}

function logitsOf(answers: readonly KeptAnswer[]): HostTensor<"float32"> {
  const classes = answers[0]?.logits.data.length ?? 0;
  const all = new Float32Array(answers.length * classes);
  answers.forEach(({ logits }, i) => all.set(logits.data, i * classes));
  return float32([answers.length, classes], all);
}
