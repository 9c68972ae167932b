/**
 * Computes ProtoMask's explanations of one image: the similarity of its views to every prototype, and
 * relevance maps of the views.
 */

import type { Fidelity } from "../fidelity.ts";
import type { ProtoMask } from "../models/protomask.ts";
import type { ResNetConfig } from "../models/resnet.ts";
import { stateInputs } from "../models/training/step/batch_programs.ts";
import type { Parameters } from "../nn/parameters.ts";
import { ProgramCache } from "../runtime/program_cache.ts";
import type { SessionOptions } from "../runtime/session_options.ts";
import { program } from "../tensor/graph.ts";
import { float32, type HostTensor, int64 } from "../tensor/host_tensor.ts";
import { input } from "../tensor/ops/source.ts";
import { reshape } from "../tensor/ops/shape.ts";
import { takeRows } from "../tensor/take_rows.ts";
import type { ColorStatistics } from "../vision/normalize.ts";
import { canonise } from "./prp/canonise.ts";
import { protoMaskHead } from "./prp/heads.ts";
import { inputBounds, relevanceMaps } from "./prp/relevance_maps.ts";
import { groupSweeps, OWNERS, sweepsOver } from "./prp/sweeps.ts";

const VIEWS = "x";
const PROTOTYPES = "prototypes";

export interface ExplainedModel {
  readonly model: ProtoMask;
  /** The architecture of the model's backbone. */
  readonly backbone: ResNetConfig;
  readonly state: Parameters;
  /** The colour statistics for normalising views. */
  readonly colors: ColorStatistics;
}

export interface ImageSimilarity {
  /** [classes] */
  readonly logits: HostTensor<"float32">;
  /** [P, V] */
  readonly similarities: HostTensor<"float32">;
}

/** A prototype and the index of the image's view in which it is explained. */
export interface ChosenView {
  readonly prototype: number;
  readonly view: number;
}

/**
 * Explains images by one model. Compiles one program per number of views and keeps it until
 * {@link ProtoMaskExplainer.release}.
 */
export class ProtoMaskExplainer {
  readonly #explained: ExplainedModel;
  readonly #state: Parameters;
  readonly #programs: ProgramCache;

  /**
   * Everything is computed with the canonised network, as in the relevance propagation of the reference
   * implementation.
   */
  constructor(explained: ExplainedModel, options: SessionOptions = {}) {
    this.#explained = explained;
    this.#state = canonise(explained.state, explained.backbone);
    this.#programs = new ProgramCache(options);
  }

  /** @param views [V, C, H, W], for one image */
  async similarities(views: HostTensor<"float32">): Promise<ImageSimilarity> {
    const { model } = this.#explained;
    const { logits, maps } = await this.#programs.run(
      `similarities ${views.shape}`,
      () => {
        const x = reshape(input(VIEWS, "float32", views.shape), [1, ...views.shape]);
        const context = { state: stateInputs(model), training: false, updated: new Map() };
        const { logits, maps } = model.explain(x, context);
        return program({ logits, maps });
      },
      { [VIEWS]: views },
      this.#state,
    );
    return {
      logits: float32([model.classes], logits.data as Float32Array),
      similarities: float32([model.prototypeClasses.length, views.shape[0]], maps.data as Float32Array),
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
    const { model, backbone, colors } = this.#explained;
    const [count, ...size] = views.shape;
    const prototypeCount = model.prototypeClasses.length;
    for (const { prototype, view } of explanations) {
      if (!(prototype >= 0 && prototype < prototypeCount && view >= 0 && view < count)) {
        throw new RangeError(
          `prototype ${prototype} in view ${view} does not exist; there are ${prototypeCount} prototypes and ` +
            `${count} views, counted from 0`,
        );
      }
    }
    const sweepCount = explanations.length;
    const grouped = groupSweeps(explanations.map(({ view }) => view));
    const shape = [grouped.views.length, ...size];
    const { maps } = await this.#programs.run(`relevance ${shape} ${sweepCount} ${fidelity}`, () => {
      const { maps } = relevanceMaps(input(VIEWS, "float32", shape), {
        head: protoMaskHead,
        config: backbone,
        state: stateInputs(model),
        bounds: inputBounds(colors),
        prototypes: input(PROTOTYPES, "int64", [sweepCount]),
        sweeps: sweepsOver(grouped.views.length, sweepCount),
        fidelity,
      });
      return program({ maps });
    }, {
      [VIEWS]: takeRows(views, grouped.views),
      [PROTOTYPES]: int64([sweepCount], explanations.map(({ prototype }) => prototype)),
      [OWNERS]: int64([sweepCount], grouped.owners),
    }, this.#state);
    return maps as HostTensor<"float32">;
  }

  release(): Promise<void> {
    return this.#programs.release();
  }
}
