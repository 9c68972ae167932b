/**
 * Explains the images of a split by a trained model, one at a time, by relevance or by the masks of views.
 */

import { readViewsIndex, type ViewedSample, ViewPixels, type ViewsIndex } from "../data/views/views_file.ts";
import { readModel } from "../models/model_folder.ts";
import { requireViewsFor } from "../models/training/phase/initial_training.ts";
import type { SessionOptions } from "../runtime/session_options.ts";
import type { Image } from "../vision/image.ts";
import type { RunLengths } from "../vision/masks/rle.ts";
import type { ColorStatistics } from "../vision/normalize.ts";
import { type ExplainedImage, normalizedRows } from "./explained_images.ts";
import {
  explanationHead,
  relevanceOfImage,
  type RelevanceSettings,
  topPrototypes,
} from "./image_saliency.ts";
import { masksInFrame } from "./mask_saliency.ts";
import { type ChosenView, ProtoMaskExplainer } from "./protomask_explainer.ts";
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
  /** The masks, for explanations by masks; if absent, images are explained by relevance. */
  readonly masks?: MaskSource;
}

/** A model and the views of a split, opened once for many images. */
export class ImageExplainer {
  readonly index: ViewsIndex;
  readonly #pixels: ViewPixels;
  readonly #colors: ColorStatistics;
  readonly #explainer: ProtoMaskExplainer;

  /**
   * @param folders the folders of the model and of the views
   * @throws {Error} if a folder is invalid, or the model and the views do not match.
   */
  constructor(folders: { readonly model: string; readonly views: string }, session?: SessionOptions) {
    this.index = readViewsIndex(folders.views);
    const { description, model, state } = readModel(folders.model);
    requireViewsFor(description, this.index, folders.views);
    const { backbone, colors } = description;
    this.#colors = colors;
    this.#pixels = new ViewPixels(folders.views, this.index);
    this.#explainer = new ProtoMaskExplainer({ model, backbone, state, colors }, session);
  }

  /**
   * Computes the logits and the maps of the image's `chosen` prototypes; default: of the most similar ones.
   */
  async explain(
    { sample, chosen: given }: ExplainedImage,
    settings: ExplanationSettings,
  ): Promise<ImageSaliency> {
    const { width, height } = this.index;
    const frame = { width, height };
    const views = normalizedRows(sample, this.index, this.#pixels, this.#colors);
    const similarity = await this.#explainer.similarities(views);
    const chosen = given ?? topPrototypes(similarity, sample, settings.prototypes);
    const maps = settings.masks
      ? { maps: await masksOfViews(sample, chosen, settings.masks, frame) }
      : await relevanceOfImage(this.#explainer, sample, views, chosen, { ...settings, frame });
    return { ...explanationHead(similarity, sample, chosen), ...maps };
  }
}

async function masksOfViews(
  sample: ViewedSample,
  chosen: readonly ChosenView[],
  masks: MaskSource,
  frame: RelevanceSettings["frame"],
) {
  return masksInFrame(await masks.image(sample), chosen.map(({ view }) => masks.runs(sample, view)), frame);
}
