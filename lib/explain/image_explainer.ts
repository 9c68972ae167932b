/** Explains the images of a split by a trained model, one at a time. */

import {
  readViewsIndex,
  type ViewedSample,
  type ViewPixels,
  viewPixelsOf,
  type ViewsIndex,
} from "../data/views/views_file.ts";
import type { Fidelity } from "../fidelity.ts";
import { readModel } from "../models/model_folder.ts";
import { requireViewsFor } from "../models/training/phase/initial_training.ts";
import type { HostTensor } from "../tensor/host_tensor.ts";
import type { Image } from "../vision/image.ts";
import type { RunLengths } from "../vision/masks/rle.ts";
import type { ColorStatistics } from "../vision/normalize.ts";
import { explainedModel } from "./explained_model.ts";
import { type ExplainedImage, normalizedRows } from "./explained_images.ts";
import { type ChosenView, Explainer, type ExplainerOptions, type ImageSimilarity } from "./explainer.ts";
import {
  explanationHead,
  relevanceOfImage,
  type RelevanceSettings,
  topPrototypes,
  upscaledOfImage,
} from "./image_saliency.ts";
import { masksInFrame } from "./mask_saliency.ts";
import type { SaliencyMethod } from "./methods.ts";
import type { ImageSaliency } from "./saliency_files.ts";

/** The masks with which the views of images were cut. */
export interface MaskSource {
  image(sample: ViewedSample): Promise<Image>;
  /** The mask of one view. */
  runs(sample: ViewedSample, view: number): RunLengths;
}

/** The settings of explanations. */
export interface ExplanationSettings extends Omit<RelevanceSettings, "frame"> {
  /** The number of prototypes to explain for images without `chosen`. */
  readonly prototypes: number;
  /** The masks with which the views were cut, for the method `mask`. */
  readonly masks?: MaskSource;
}

/** A model and the views of a split, opened once for many images. */
export class ImageExplainer {
  readonly index: ViewsIndex;
  readonly #method: SaliencyMethod;
  readonly #pixels: ViewPixels;
  readonly #colors: ColorStatistics;
  readonly #explainer: Explainer;

  /**
   * @param folders the folders of the model and of the views
   * @param options `evaluationNoise` concerns models with noise in their output
   * @throws {Error} if a folder is invalid, or the model does not match the views or the method.
   */
  constructor(
    folders: { readonly model: string; readonly views: string },
    { evaluationNoise, ...options }: ExplainerOptions & { readonly evaluationNoise: Fidelity },
  ) {
    this.index = readViewsIndex(folders.views);
    const loaded = readModel(folders.model, { fidelity: { evaluation_noise: evaluationNoise } });
    requireViewsFor(loaded.description, this.index, folders.views);
    const explained = explainedModel(loaded);
    this.#method = options.method;
    this.#colors = explained.colors;
    this.#pixels = viewPixelsOf(folders.views, this.index);
    this.#explainer = new Explainer(explained, options);
  }

  /**
   * Computes the logits and the maps of the image's `chosen` prototypes; default: of the most similar ones.
   */
  async explain(
    { sample, chosen: given }: ExplainedImage,
    settings: ExplanationSettings,
  ): Promise<ImageSaliency> {
    const views = normalizedRows(sample, this.index, this.#pixels, this.#colors);
    const similarity = await this.#explainer.similarities(views, sample.id);
    const chosen = given ?? topPrototypes(similarity, sample, settings.prototypes);
    const maps = await this.#maps(sample, views, similarity, chosen, settings);
    return { ...explanationHead(similarity, sample, chosen), ...maps };
  }

  async #maps(
    sample: ViewedSample,
    views: HostTensor<"float32">,
    similarity: ImageSimilarity,
    chosen: readonly ChosenView[],
    { masks, ...settings }: ExplanationSettings,
  ): Promise<Pick<ImageSaliency, "maps" | "viewMaps">> {
    const { width, height } = this.index;
    const frame = { width, height };
    switch (this.#method) {
      case "prp":
        return relevanceOfImage(this.#explainer, sample, views, chosen, { ...settings, frame });
      case "upscale":
        return upscaledOfImage(similarity, chosen, { ...settings, frame });
      case "mask": {
        const runs = chosen.map(({ view }) => masks!.runs(sample, view));
        return { maps: masksInFrame(await masks!.image(sample), runs, frame) };
      }
    }
  }
}
