/** A model's answers to the images of a split: read from their explanations if there are any, else computed. */

import type { ViewedSample, ViewPixels, ViewsIndex } from "../data/views/views_file.ts";
import { normalizedRows } from "../explain/explained_images.ts";
import { frameOf } from "../explain/explained_model.ts";
import type { Explainer, ImageSimilarity } from "../explain/explainer.ts";
import { bestPlaces, explanationHead, topPrototypes } from "../explain/image_saliency.ts";
import {
  readSaliency,
  readSaliencyIndex,
  SaliencyFileError,
  type SaliencyIndex,
} from "../explain/saliency_files.ts";
import type { Fidelity } from "../fidelity.ts";
import { SALIENCY_PERCENTILE } from "../metrics/masks/percentile_mask.ts";
import type { SaliencyRule } from "../metrics/masks/saliency.ts";
import type { ModelDefinition } from "../models/model_definition.ts";
import { float32, type HostTensor } from "../tensor/host_tensor.ts";
import type { ColorStatistics } from "../vision/normalize.ts";
import type { ScoredImage } from "./decisions.ts";
import type { EvaluatedSample } from "./evaluation_file.ts";

/** The answer of a model to an image. */
export interface ImageAnswer extends ScoredImage {
  /** [classes], of the network that explanations are made with, as in the reference implementation. */
  readonly logits: HostTensor<"float32">;
  /** The prototypes that the image is most similar to, the highest first. */
  readonly top: EvaluatedSample["top"];
  /** Their maps in the frame of explanations, [k, height, width]; where the image was explained. */
  readonly maps?: HostTensor<"float32">;
}

/** The saliency of the images of a set of views. */
export class Explanations {
  readonly method: SaliencyIndex["method"];
  readonly seed: number;
  /** The rule of its relevance. */
  readonly relevance: Fidelity;
  /** How its maps become masks. */
  readonly rule: SaliencyRule;
  readonly #folder: string;
  readonly #index: SaliencyIndex;
  readonly #files: ReadonlyMap<number, string>;

  /** @throws {SaliencyFileError} when the folder holds no saliency, or none that fits the views and metrics. */
  constructor(
    folder: string,
    { split, width, height }: ViewsIndex,
    { name, sees }: Pick<ModelDefinition, "name" | "sees">,
  ) {
    const index = readSaliencyIndex(folder);
    if (index.split !== split || index.width !== width || index.height !== height) {
      throw new SaliencyFileError(
        `${folder} explains views of ${index.width} × ${index.height} of the split ${index.split}, but the views to ` +
          `evaluate are ${width} × ${height} of the split ${split}; give saliency that was made from these views`,
      );
    }
    const frame = frameOf({ sees });
    if (index.frame !== frame) {
      throw new SaliencyFileError(
        `${folder} has maps of the ${index.frame}, but explanations of ${name} show the ${frame}; ` +
          "give saliency that was made from the evaluated model",
      );
    }
    if (index.method !== "mask" && index.percentile !== SALIENCY_PERCENTILE) {
      throw new SaliencyFileError(
        `${folder} has maps for the percentile ${index.percentile}, but metrics use ${SALIENCY_PERCENTILE}; ` +
          `make the saliency with the percentile ${SALIENCY_PERCENTILE}`,
      );
    }
    this.method = index.method;
    this.seed = index.seed;
    this.relevance = index.relevance ?? "reference";
    this.rule = index.method === "mask" ? "binary" : "percentile";
    this.#folder = folder;
    this.#index = index;
    this.#files = new Map(index.samples.map(({ id, file }) => [id, file]));
  }

  /**
   * The answer to an image with its first `k` maps; undefined where it was not explained.
   *
   * @throws {SaliencyFileError} when fewer of its prototypes were explained.
   */
  answerTo({ id, name }: ViewedSample, k: number): Required<ImageAnswer> | undefined {
    const file = this.#files.get(id);
    if (file === undefined) return undefined;
    const found = readSaliency(this.#folder, file, this.#index);
    const { logits, scores, places, grid, prototypes, similarities, views, maps } = found;
    if (prototypes.length < k) {
      throw new SaliencyFileError(
        `${this.#folder} explains ${prototypes.length} prototypes of ${name}, but k is ${k}; ` +
          `explain at least ${k}, or evaluate at most ${prototypes.length}`,
      );
    }
    const [, height, width] = maps.shape;
    const top = prototypes.slice(0, k).map((prototype, rank) => ({
      prototype,
      similarity: similarities[rank],
      view: views[rank],
    }));
    return {
      logits,
      scores,
      places,
      grid,
      top,
      maps: float32([k, height, width], maps.data.subarray(0, k * height * width)),
    };
  }
}

/** The views to evaluate. */
export interface EvaluatedViews {
  readonly index: ViewsIndex;
  readonly pixels: ViewPixels;
  readonly colors: ColorStatistics;
}

/** The model's logits and similarities of an image. */
export function similaritiesOf(
  explainer: Explainer,
  sample: ViewedSample,
  { index, pixels, colors }: EvaluatedViews,
): Promise<ImageSimilarity> {
  return explainer.similarities(normalizedRows(sample, index, pixels, colors), sample.id);
}

/** The answer of a model to an image that was not explained. */
export async function computedAnswer(
  explainer: Explainer,
  sample: ViewedSample,
  views: EvaluatedViews,
  k: number,
): Promise<ImageAnswer> {
  const similarity = await similaritiesOf(explainer, sample, views);
  const chosen = topPrototypes(similarity, sample, k);
  const { similarities } = explanationHead(similarity, sample, chosen);
  return {
    ...scoredImage(similarity),
    top: chosen.map((choice, rank) => ({ ...choice, similarity: similarities[rank] })),
  };
}

/** The logits of an image with the scores behind them. */
export function scoredImage({ logits, scores, maps }: ImageSimilarity): ScoredImage {
  return { logits, scores, ...bestPlaces(maps) };
}
