/** Classifies photographs by a trained model, one at a time, and says what decided their classes. */

import { type Decision, Decisions } from "../evaluate/decisions.ts";
import { scoredImage } from "../evaluate/image_answers.ts";
import { type ExplainedModel, explainedModel } from "../explain/explained_model.ts";
import { normalizedViews } from "../explain/explained_images.ts";
import { Explainer } from "../explain/explainer.ts";
import { relevanceOfImage } from "../explain/image_saliency.ts";
import { topIndices } from "../metrics/selection.ts";
import { SALIENCY_PERCENTILE } from "../metrics/masks/percentile_mask.ts";
import { requireFinite } from "../nn/finite.ts";
import type { SessionOptions } from "../runtime/session_options.ts";
import type { PredictingModel } from "./made_model.ts";
import { type PhotographOptions, PhotographViews, type ViewedPhotograph } from "./photograph_views.ts";
import { probabilities } from "./probabilities.ts";

/** What a model says of a photograph. */
export interface PhotographPrediction extends ViewedPhotograph {
  /** All classes, the most probable first. */
  readonly classes: readonly {
    readonly label: number;
    readonly logit: number;
    readonly probability: number;
  }[];
  /**
   * What the prototypes add to the logits of the first class and of the runner-up; absent for a model with one class.
   */
  readonly decision?: Decision;
  /** By prototype of the decision, the relevance of the pixels of its view, row-major; if it was asked for. */
  readonly maps: ReadonlyMap<number, Float32Array>;
}

/** How a photograph is to be classified. */
export interface PredictionOptions extends PhotographOptions {
  /** Whether to map the relevant pixels, which takes longer. */
  readonly maps?: boolean;
}

/** A model that is open. Release it when done. */
export class Predictor {
  readonly #model: PredictingModel;
  readonly #views: PhotographViews;
  readonly #explained: ExplainedModel;
  readonly #explainer: Explainer;
  readonly #decisions: Decisions;

  private constructor(model: PredictingModel, views: PhotographViews, session: SessionOptions) {
    this.#model = model;
    this.#views = views;
    this.#explained = explainedModel(model.loaded);
    // The network of explanations, whose logits evaluations have.
    this.#explainer = new Explainer(this.#explained, { method: "prp", session });
    this.#decisions = new Decisions({ explained: this.#explained, seed: 0, hasNoise: false });
  }

  /** @throws {DeviceError} if the device can't be used on this machine. */
  static async open(
    model: PredictingModel,
    session: SessionOptions,
    log: (message: string) => void,
  ): Promise<Predictor> {
    return new Predictor(model, await PhotographViews.open(model, session, log), session);
  }

  /** Whether the model was trained with the boxes of objects. */
  get needsBox(): boolean {
    return this.#views.needsBox;
  }

  /**
   * @param name names the photograph in what is returned
   * @throws {ImageError | PhotographError} if it can't be classified.
   */
  async predict(path: string, name: string, options: PredictionOptions = {}): Promise<PhotographPrediction> {
    const viewed = await this.#views.of(path, name, options);
    const x = normalizedViews(viewed.views, this.#explained.colors);
    const similarity = await this.#explainer.similarities(x, viewed.sample.id);
    requireFinite([["logits", similarity.logits]], `the answer to ${name}`, "check the model");
    const scored = scoredImage(similarity);
    const { data } = similarity.logits;
    const shares = probabilities(this.#model.loaded, data);
    const classes = [...topIndices(data, data.length)].map((label) => ({
      label,
      logit: data[label],
      probability: shares[label],
    }));
    const decision = this.#decisions.of({ ...viewed.sample, label: classes[0].label }, scored);
    return {
      ...viewed,
      classes,
      decision,
      maps: await this.#maps(viewed, x, options.maps ? decision : undefined),
    };
  }

  async #maps(
    { sample }: ViewedPhotograph,
    x: ReturnType<typeof normalizedViews>,
    decision: Decision | undefined,
  ): Promise<Map<number, Float32Array>> {
    if (!decision) return new Map();
    const [, , height, width] = x.shape;
    const { maps, viewMaps = maps } = await relevanceOfImage(
      this.#explainer,
      sample,
      x,
      decision.prototypes,
      {
        frame: { width, height },
        percentile: SALIENCY_PERCENTILE,
        fidelity: this.#model.recipe.relevance,
      },
    );
    const size = width * height;
    return new Map(
      decision.prototypes.map((
        { prototype },
        i,
      ) => [prototype, viewMaps.data.subarray(i * size, (i + 1) * size)]),
    );
  }

  release(): Promise<void> {
    return this.#explainer.release();
  }
}
