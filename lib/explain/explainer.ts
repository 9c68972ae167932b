/** Computes the explanations of one image: its similarity to every prototype, and relevance maps of its views. */

import type { Fidelity } from "../fidelity.ts";
import { spatialMaxima } from "../metrics/selection.ts";
import { extraTensors, stateInputs } from "../models/training/step/batch_programs.ts";
import type { Parameters } from "../nn/parameters.ts";
import { ProgramCache } from "../runtime/program_cache.ts";
import type { SessionOptions } from "../runtime/session_options.ts";
import { program } from "../tensor/graph.ts";
import { float32, type HostTensor, int64 } from "../tensor/host_tensor.ts";
import { input } from "../tensor/ops/source.ts";
import { reshape } from "../tensor/ops/shape.ts";
import { takeRows } from "../tensor/take_rows.ts";
import type { ExplainedModel } from "./explained_model.ts";
import { requireMethod, type SaliencyMethod } from "./methods.ts";
import { scoresOf } from "./classification.ts";
import { canonise } from "./prp/canonise.ts";
import { headOf, prototypeCount } from "./prp/heads.ts";
import { inputBounds, relevanceMaps } from "./prp/relevance_maps.ts";
import { groupSweeps, OWNERS, sweepsOver } from "./prp/sweeps.ts";

const VIEWS = "x";
const PROTOTYPES = "prototypes";

/** The largest number of maps computed at once: each needs the memory of a view in training. */
const MAPS_AT_ONCE = 8;

/** The similarity of one image to every prototype, and the logits that follow from it. */
export interface ImageSimilarity {
  /** [classes] */
  readonly logits: HostTensor<"float32">;
  /**
   * [P, h, w]: of a model that compares positions, those of the feature map; of a model that compares views, the V
   * views, [P, V, 1]
   */
  readonly maps: HostTensor<"float32">;
  /** [P, V]: the largest similarity within each view */
  readonly similarities: HostTensor<"float32">;
  /** [P]: what the last layer weighs */
  readonly scores: HostTensor<"float32">;
}

/** How a model is explained. */
export interface ExplainerOptions {
  readonly method: SaliencyMethod;
  /** The seed of noise in the model's output, if it has any; default: 0 */
  readonly seed?: number;
  readonly session?: SessionOptions;
}

/** A prototype and the index of the image's view in which it is explained. */
export interface ChosenView {
  readonly prototype: number;
  readonly view: number;
}

/**
 * Explains images by one model. Compiles one program per number of views and keeps it until
 * {@link Explainer.release}.
 */
export class Explainer {
  readonly explained: ExplainedModel;
  readonly #state: Parameters;
  readonly #programs: ProgramCache;
  readonly #prototypes: number;
  readonly #seed: number;

  /**
   * For relevance propagation everything is computed with the canonised network, for other methods with the network as
   * it is, as in the reference implementation.
   *
   * @throws {MethodError} if the method can't explain the model.
   */
  constructor(explained: ExplainedModel, { method, seed = 0, session }: ExplainerOptions) {
    const { state, backbone, definition } = explained;
    requireMethod(method, definition);
    this.explained = explained;
    this.#state = method === "prp" ? canonise(state, backbone) : state;
    this.#seed = seed;
    this.#programs = new ProgramCache(session);
    this.#prototypes = prototypeCount(definition.compared, state, backbone);
  }

  /**
   * @param views [V, C, H, W], for one image; V is 1 for models that see images
   * @param image the image's id in the data set, from which noise in the model's output is derived
   */
  async similarities(views: HostTensor<"float32">, image: number): Promise<ImageSimilarity> {
    const { model, definition: { sees } } = this.explained;
    const place = { seed: this.#seed, purpose: "explanation", epoch: 0, index: image } as const;
    const { logits, maps, scores } = await this.#programs.run(
      `similarities ${views.shape}`,
      () => {
        const given = input(VIEWS, "float32", views.shape);
        const x = sees === "views" ? reshape(given, [1, ...views.shape]) : given;
        const context = { state: stateInputs(model), training: false, updated: new Map() };
        const { logits, maps, features } = model.explain(x, context, extraTensors(model));
        return program({ logits, maps, scores: scoresOf(this.explained, { maps, features }, context) });
      },
      { ...model.extraValues(place), [VIEWS]: views },
      this.#state,
    );
    const [, prototypes, height, width] = maps.shape;
    const perImage = float32([prototypes, height, width], maps.data as Float32Array);
    return {
      logits: float32([model.classes], logits.data as Float32Array),
      maps: perImage,
      similarities: sees === "views"
        ? float32([prototypes, height], perImage.data)
        : float32([prototypes, 1], spatialMaxima(perImage).data),
      scores: float32([prototypes], scores.data as Float32Array),
    };
  }

  /**
   * Prototype relevance propagation: one map [H, W] of the view for each explanation, as [S, H, W].
   *
   * @param views [V, C, H, W], for one image
   * @throws {RangeError} if a prototype or view does not exist.
   */
  async relevance(
    views: HostTensor<"float32">,
    explanations: readonly ChosenView[],
    fidelity: Fidelity,
  ): Promise<HostTensor<"float32">> {
    const [count, , height, width] = views.shape;
    for (const { prototype, view } of explanations) {
      if (!(prototype >= 0 && prototype < this.#prototypes && view >= 0 && view < count)) {
        throw new RangeError(
          `prototype ${prototype} in view ${view} does not exist; there are ${this.#prototypes} prototypes and ` +
            `${count} views, counted from 0`,
        );
      }
    }
    const maps = new Float32Array(explanations.length * height * width);
    for (let done = 0; done < explanations.length; done += MAPS_AT_ONCE) {
      const some = explanations.slice(done, done + MAPS_AT_ONCE);
      maps.set(await this.#relevance(views, some, fidelity), done * height * width);
    }
    return float32([explanations.length, height, width], maps);
  }

  async #relevance(
    views: HostTensor<"float32">,
    explanations: readonly ChosenView[],
    fidelity: Fidelity,
  ): Promise<Float32Array> {
    const { model, backbone, colors, definition: { compared } } = this.explained;
    const count = explanations.length;
    const grouped = groupSweeps(explanations.map(({ view }) => view));
    const shape = [grouped.views.length, ...views.shape.slice(1)];
    const { maps } = await this.#programs.run(`relevance ${shape} ${count} ${fidelity}`, () => {
      const { maps } = relevanceMaps(input(VIEWS, "float32", shape), {
        head: headOf(compared),
        config: backbone,
        state: stateInputs(model),
        bounds: inputBounds(colors),
        prototypes: input(PROTOTYPES, "int64", [count]),
        sweeps: sweepsOver(grouped.views.length, count),
        fidelity,
      });
      return program({ maps });
    }, {
      [VIEWS]: takeRows(views, grouped.views),
      [PROTOTYPES]: int64([count], explanations.map(({ prototype }) => prototype)),
      [OWNERS]: int64([count], grouped.owners),
    }, this.#state);
    return maps.data as Float32Array;
  }

  release(): Promise<void> {
    return this.#programs.release();
  }
}
