/** The answers of a model to images whose pixels were changed, with the saliency of given prototypes. */

import type { ViewedSample } from "../data/views/views_file.ts";
import { frameOf } from "../explain/explained_model.ts";
import type { Explainer, ImageSimilarity } from "../explain/explainer.ts";
import { inBestViews, relevanceOfImage, rowsInOrder, upscaledOfImage } from "../explain/image_saliency.ts";
import type { SaliencyMethod } from "../explain/methods.ts";
import type { Fidelity } from "../fidelity.ts";
import type { Answer } from "../metrics/techniques/continuity.ts";
import { float32, type HostTensor } from "../tensor/host_tensor.ts";
import { takeRows } from "../tensor/take_rows.ts";
import type { Size } from "../vision/rectangle.ts";

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
    const isSingle = frameOf(this.#options.explainer.explained.definition) === "view";
    return { logits: logits.data, similarity: isSingle ? maps : ofAllViews(maps, sample) };
  }
}

/** The similarities [P, V, 1] of all views of a sample, from those of its distinct rows. */
function ofAllViews(maps: HostTensor<"float32">, sample: ViewedSample): HostTensor<"float32"> {
  const [prototypes, rows] = maps.shape;
  const order = rowsInOrder(sample);
  const places = sample.views.map((row) => order.indexOf(row));
  const all = Array.from({ length: prototypes }, (_, p) => places.map((place) => p * rows + place)).flat();
  const { data } = takeRows(float32([prototypes * rows, 1], maps.data), all);
  return float32([prototypes, places.length, 1], data as Float32Array);
}
