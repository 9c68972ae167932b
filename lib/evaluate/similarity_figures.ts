/** Further figures, from the similarity of every image to all prototypes: their number, their places and their entropy. */

import type { ViewedSample } from "../data/views/views_file.ts";
import type { Explainer } from "../explain/explainer.ts";
import { MetricError } from "../metrics/metric_error.ts";
import { spatialMaxima } from "../metrics/selection.ts";
import { LocalSize } from "../metrics/techniques/compactness.ts";
import { Contrastivity, type ContrastivityOptions } from "../metrics/techniques/contrastivity.ts";
import { type EvaluatedViews, similaritiesOf } from "./image_answers.ts";
import { ofAllViews } from "./view_similarities.ts";

export interface SimilarityOptions extends Omit<ContrastivityOptions, "metrics"> {
  readonly compactness: boolean;
  readonly contrastivity: boolean;
  readonly views: EvaluatedViews;
  readonly explainer: Explainer;
}

/** Measures Local Size, PLC, PALC and entropy, one image after another. */
export class SimilarityFigures {
  readonly omitted: Record<string, string> = {};
  readonly #options: SimilarityOptions;
  readonly #sizes?: LocalSize;
  readonly #places?: Contrastivity;
  /** On its own, because it may be undefined. */
  readonly #entropy?: Contrastivity;

  constructor(options: SimilarityOptions) {
    this.#options = options;
    if (options.compactness) this.#sizes = new LocalSize();
    if (!options.contrastivity) return;
    this.#places = new Contrastivity({ ...options, metrics: ["PLC", "PALC"] });
    this.#entropy = new Contrastivity({ ...options, metrics: ["entropy"] });
  }

  /** @param top the image's top prototypes, the highest first */
  async add(sample: ViewedSample, top: readonly number[]): Promise<void> {
    const { explainer, views } = this.#options;
    const { maps } = await similaritiesOf(explainer, sample, views);
    const isOfViews = explainer.explained.definition.sees === "views";
    const similarity = isOfViews ? ofAllViews(maps, sample) : maps;
    this.#sizes?.add(spatialMaxima(similarity).data);
    const image = { top, label: sample.label, similarity };
    this.#places?.add(image);
    this.#entropy?.add(image);
  }

  perImage(): Record<string, readonly number[]> {
    return { ...this.#sizes?.perImage(), ...this.#places?.perImage() };
  }

  results(): Record<string, number> {
    const { fidelity: { averaging }, batchSize } = this.#options;
    return {
      ...this.#sizes?.results(averaging, batchSize),
      ...this.#places?.results(),
      ...this.#entropyIfDefined(),
    } as Record<string, number>;
  }

  #entropyIfDefined(): object {
    try {
      return this.#entropy?.results() ?? {};
    } catch (error) {
      if (!(error instanceof MetricError)) throw error;
      this.omitted.entropy = error.message;
      return {};
    }
  }
}
