/** The figures of changed images that are requested, as far as they are possible, else the reason why they are not. */

import type { ViewedSample } from "../data/views/views_file.ts";
import { frameOf } from "../explain/explained_model.ts";
import type { Explainer } from "../explain/explainer.ts";
import type { SaliencyMethod } from "../explain/methods.ts";
import type { Fidelity } from "../fidelity.ts";
import type { MetricFidelity } from "../metrics/fidelity.ts";
import type { SaliencyRule } from "../metrics/masks/saliency.ts";
import type { Annotations } from "./annotations.ts";
import { COMPLETENESS, CompletenessFigures } from "./completeness_figures.ts";
import { CONTINUITY, ContinuityFigures } from "./continuity_figures.ts";
import type { EvaluatedViews, ImageAnswer } from "./image_answers.ts";
import { SecondAnswers } from "./second_answers.ts";

/** Figures that need the model's answers to changed images. */
export interface ChangeFigures {
  /** Why a figure is missing, by name. */
  readonly omitted: Readonly<Record<string, string>>;
  add(sample: ViewedSample, answer: Required<ImageAnswer>): Promise<void>;
  perImage(): Record<string, readonly number[]>;
  results(): Record<string, number>;
}

export interface ChangeOptions {
  readonly continuity: boolean;
  readonly completeness: boolean;
  readonly views: EvaluatedViews;
  readonly explainer: Explainer;
  readonly annotations: Annotations;
  /** How the images were explained. */
  readonly method: SaliencyMethod;
  readonly relevance: Fidelity;
  /** How maps become masks. */
  readonly rule: SaliencyRule;
  /** Whether to compare boxes instead of masks. */
  readonly boxes: boolean;
  /** Images of a batch, for means over batches. */
  readonly batchSize: number;
  readonly fidelity: MetricFidelity;
}

/** The requested figures, and the techniques that can't be computed with the reason. */
export function changeFigures(
  { continuity, completeness, explainer, method, relevance, rule, ...options }: ChangeOptions,
): { figures: ChangeFigures[]; omitted: Record<string, string> } {
  const figures: ChangeFigures[] = [];
  const omitted: Record<string, string> = {};
  const isSingle = frameOf(explainer.explained.definition) === "view";
  if (method === "mask") {
    const reason = "masks don't depend on the pixels of an image: explain it by another method";
    if (continuity) omitted[CONTINUITY] = reason;
    if (completeness) omitted[COMPLETENESS] = reason;
    return { figures, omitted };
  }
  const answers = new SecondAnswers({ explainer, method, frame: options.views.index, relevance });
  const common = { ...options, answers, saliency: rule };
  if (continuity) {
    const changes = isSingle || options.fidelity.changedImages === "all";
    figures.push(new ContinuityFigures({ ...common, changes }));
  }
  if (completeness && isSingle) figures.push(new CompletenessFigures(common));
  else if (completeness) omitted[COMPLETENESS] = "it is defined for models that see one view of each image";
  return { figures, omitted };
}
