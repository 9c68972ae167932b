/** Continuity: how answers and explanations of a model change when the colours of an image change a little. */

import type { ViewedSample } from "../data/views/views_file.ts";
import { distinctViews, normalizedViews } from "../explain/explained_images.ts";
import { Continuity, CONTINUITY_METRICS, type ContinuityOptions } from "../metrics/techniques/continuity.ts";
import { augmentViews, oneView } from "../vision/augment/views.ts";
import type { Image } from "../vision/image.ts";
import type { Annotations } from "./annotations.ts";
import type { EvaluatedViews, ImageAnswer } from "./image_answers.ts";
import { prefixed } from "./prefixed.ts";
import type { SecondAnswers } from "./second_answers.ts";

/** Before the names of its figures. */
export const CONTINUITY = "Continuity";

export interface ContinuityFiguresOptions extends Omit<ContinuityOptions, "metrics"> {
  readonly views: EvaluatedViews;
  readonly answers: SecondAnswers;
  readonly annotations: Annotations;
  /** Whether images are changed at all: the reference gives models of several views the same image twice. */
  readonly changes: boolean;
}

/** Measures one image after another. The top prototypes are those of the unchanged image. */
export class ContinuityFigures {
  readonly omitted: Record<string, string> = {};
  readonly #options: ContinuityFiguresOptions;
  readonly #continuity: Continuity;

  constructor(options: ContinuityFiguresOptions) {
    const { missingParts } = options.annotations;
    if (missingParts !== undefined) this.omitted[`${CONTINUITY} Stability`] = missingParts;
    const metrics = CONTINUITY_METRICS.filter((metric) =>
      metric !== "Stability" || missingParts === undefined
    );
    this.#options = options;
    this.#continuity = new Continuity({ ...options, metrics });
  }

  async add(sample: ViewedSample, { top, maps }: Required<ImageAnswer>): Promise<void> {
    const { views: { index, pixels, colors }, answers, annotations, changes } = this.#options;
    const prototypes = top.map(({ prototype }) => prototype);
    const views = distinctViews(sample, index, pixels);
    const changed = changes ? await changedViews(views, sample.id) : views;
    const before = await answers.withoutSaliency(sample, normalizedViews(views, colors));
    const after = await answers.explained(sample, normalizedViews(changed, colors), prototypes);
    this.#continuity.add({
      top: prototypes,
      before: { ...before, saliency: maps },
      after,
      ...(!annotations.missingParts && { parts: annotations.parts(sample).places }),
    });
  }

  perImage(): Record<string, readonly number[]> {
    return prefixed(CONTINUITY, this.#continuity.perImage());
  }

  results(): Record<string, number> {
    return prefixed(CONTINUITY, this.#continuity.results());
  }
}

/**
 * Views with other colours, noise, blur and compression. The order of the changes of colour and the noise are drawn for
 * each view from the image's id.
 */
export async function changedViews(views: readonly Image[], image: number): Promise<Image[]> {
  const recipe = oneView([["continuity", "medium"]], "reflect101");
  const changed: Image[] = [];
  for (const [i, view] of views.entries()) {
    const stream = { seed: 0, purpose: `continuity ${i}`, epoch: 0, index: image };
    changed.push(...await augmentViews(view, recipe, stream));
  }
  return changed;
}
