/** The answers of a model to images whose pixels were changed, with the saliency of given prototypes. */

import type { ViewedSample } from "../data/views/views_file.ts";
import type { Explainer, ImageSimilarity } from "../explain/explainer.ts";
import { inBestViews, relevanceOfImage, upscaledOfImage } from "../explain/image_saliency.ts";
import type { SaliencyMethod } from "../explain/methods.ts";
import type { Fidelity } from "../fidelity.ts";
import type { Answer } from "../metrics/techniques/continuity.ts";
import type { HostTensor } from "../tensor/host_tensor.ts";
import type { Size } from "../vision/rectangle.ts";
import { ofAllViews } from "./view_similarities.ts";

export interface SecondAnswersOptions {
  readonly explainer: Explainer;
  readonly method: Exclude<SaliencyMethod, "mask">;
  /** The size of the frame of explanations. */
  readonly frame: Size;
  /** The rule of relevance for views. */
  readonly relevance: Fidelity;
}

/** Explains images as their stored explanations were made. */
export class SecondAnswers {
  readonly #options: SecondAnswersOptions;

  constructor(options: SecondAnswersOptions) {
    this.#options = options;
  }

  /** @param x the image's distinct views, normalised: [rows, 3, H, W] */
  async withoutSaliency(sample: ViewedSample, x: HostTensor<"float32">): Promise<Omit<Answer, "saliency">> {
    return this.#answer(sample, await this.#options.explainer.similarities(x, sample.id));
  }

  /** Each prototype is explained in the view that is now the most similar one; maps are complete. */
  async explained(
    sample: ViewedSample,
    x: HostTensor<"float32">,
    prototypes: readonly number[],
  ): Promise<Answer> {
    const { explainer, method, frame, relevance: fidelity } = this.#options;
    const similarity = await explainer.similarities(x, sample.id);
    const chosen = inBestViews(similarity.similarities, sample, prototypes);
    const settings = { frame, percentile: 0 };
    const { maps } = method === "prp"
      ? await relevanceOfImage(explainer, sample, x, chosen, { ...settings, fidelity })
      : upscaledOfImage(similarity, chosen, settings);
    return { ...this.#answer(sample, similarity), saliency: maps };
  }

  #answer(sample: ViewedSample, { logits, maps }: ImageSimilarity): Omit<Answer, "saliency"> {
    const { sees } = this.#options.explainer.explained.definition;
    return { logits: logits.data, similarity: sees === "views" ? ofAllViews(maps, sample) : maps };
  }
}
