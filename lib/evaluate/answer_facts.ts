/** Performance over the answers to all images, and the entries of images and prototypes in an evaluation. */

import type { ViewedSample } from "../data/views/views_file.ts";
import { WEIGHT_EPSILON } from "../metrics/compactness/class_layer.ts";
import { isCorrect, isInTop, predictions } from "../metrics/general/classification.ts";
import { MetricError } from "../metrics/metric_error.ts";
import { topIndices } from "../metrics/selection.ts";
import {
  type GeneralMetric,
  generalPerformance,
  PAPER_GENERAL_METRICS,
} from "../metrics/techniques/general.ts";
import { float32, type HostTensor } from "../tensor/host_tensor.ts";
import type { EvaluatedPrototype, EvaluatedSample } from "./evaluation_file.ts";
import type { ImageAnswer } from "./image_answers.ts";

/** The number of classes listed for each image. */
const NAMED_CLASSES = 5;

/** An answer without its maps. */
export type KeptAnswer = Omit<ImageAnswer, "maps">;

/** Figures by name, and the reason for each missing one. */
export interface Figures {
  readonly results: Record<string, number>;
  readonly omitted: Record<string, string>;
}

/** Accuracy, top-3 accuracy and F1, in percent; undefined ones, such as those of a class without images, are left out. */
export function performance(answers: readonly KeptAnswer[], labels: readonly number[]): Figures {
  const logits = logitsOf(answers);
  const figures: Figures = { results: {}, omitted: {} };
  for (const metric of PAPER_GENERAL_METRICS) addFigure(figures, metric, logits, labels);
  return figures;
}

/** The finite ones of `figures`; the others are left out, each with its reason. */
export function finiteFigures(figures: Readonly<Record<string, number>>): Figures {
  const found: Figures = { results: {}, omitted: {} };
  for (const [name, value] of Object.entries(figures)) {
    if (Number.isFinite(value)) found.results[name] = value;
    else found.omitted[name] = `it is ${value}: no image, or no prototype, has a finite value`;
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
    const { data } = answers[i].logits;
    const named = topIndices(data, Math.min(NAMED_CLASSES, data.length));
    return {
      id,
      name,
      label,
      isCorrect: correct[i],
      isInTop3: inTop3[i],
      classes: named.map((label) => ({ label, logit: data[label] })),
      top: answers[i].top,
      values: values[i],
    };
  });
}

/**
 * @param prototypeClasses the class of each prototype
 * @param weights the weights of the last layer, [classes, P]
 * @param consistency in percent, of the prototypes for which it is known
 */
export function prototypeFacts(
  prototypeClasses: readonly number[],
  weights: HostTensor<"float32">,
  answers: readonly KeptAnswer[],
  consistency: ReadonlyMap<number, number>,
): EvaluatedPrototype[] {
  const [classes, count] = weights.shape;
  const limit = Math.fround(WEIGHT_EPSILON);
  const occurrences = new Array<number>(count).fill(0);
  for (const { top } of answers) for (const { prototype } of top) occurrences[prototype]++;
  return prototypeClasses.map((label, prototype) => {
    const weightTo = (c: number) => weights.data[c * count + prototype];
    const known = consistency.get(prototype);
    return {
      prototype,
      label,
      weight: weightTo(label),
      isActive: Array.from({ length: classes }, (_, c) => weightTo(c)).some((weight) => weight > limit),
      occurrences: occurrences[prototype],
      ...(known !== undefined && { consistency: known }),
    };
  });
}

function logitsOf(answers: readonly KeptAnswer[]): HostTensor<"float32"> {
  const classes = answers[0]?.logits.data.length ?? 0;
  const all = new Float32Array(answers.length * classes);
  answers.forEach(({ logits }, i) => all.set(logits.data, i * classes));
  return float32([answers.length, classes], all);
}
