/** The figures of a split's explanations: contrastivity and complexity, as far as the data set's annotations allow. */

import type { ViewedSample } from "../data/views/views_file.ts";
import type { MetricFidelity } from "../metrics/fidelity.ts";
import type { SaliencyRule } from "../metrics/masks/saliency.ts";
import {
  Complexity,
  type ComplexityMetric,
  PAPER_COMPLEXITY_METRICS,
} from "../metrics/techniques/complexity.ts";
import { Contrastivity } from "../metrics/techniques/contrastivity.ts";
import type { Annotations } from "./annotations.ts";
import type { ChangeFigures } from "./change_figures.ts";
import type { ImageAnswer } from "./image_answers.ts";
import type { ModelPrototypes } from "./prototype_facts.ts";
import type { SimilarityFigures } from "./similarity_figures.ts";

export interface ExplanationOptions {
  readonly contrastivity: boolean;
  readonly complexity: boolean;
  /** Default: those of the paper. */
  readonly complexityMetrics?: readonly ComplexityMetric[];
  readonly batchSize: number;
  readonly fidelity: MetricFidelity;
  readonly classes: number;
  /** Their number and, if they have any, their vectors [P, D]. */
  readonly prototypes: Pick<ModelPrototypes, "count" | "vectors">;
  /** Whether to compare boxes instead of masks. */
  readonly boxes: boolean;
  /** How maps become masks. */
  readonly rule: SaliencyRule;
  readonly annotations: Annotations;
  /** Figures of similarities, for all images. */
  readonly similarities?: SimilarityFigures;
  /** Figures of changed images, for explained images. */
  readonly changes?: readonly ChangeFigures[];
}

/** Need the vectors of prototypes. */
const DISTANCES = ["Intra PD", "Inter PD"] as const;

interface Technique {
  perImage(): Record<string, readonly number[]>;
  results(): Record<string, unknown>;
}

/** Measures one image after another, without keeping their maps. */
export class ExplanationFigures {
  /** Why a figure is missing, by name. */
  readonly omitted: Record<string, string> = {};
  readonly #annotations: Annotations;
  /** Distances of prototypes need no maps: they are means over all images, the others over explained images. */
  readonly #distances?: Contrastivity;
  readonly #locations?: Contrastivity;
  readonly #complexity?: Complexity;
  readonly #similarities?: SimilarityFigures;
  readonly #changes: readonly ChangeFigures[];
  /** The indices, among all images, of those that each technique received. */
  readonly #images = new Map<Technique, number[]>();
  #count = 0;

  constructor(given: ExplanationOptions) {
    const { annotations, rule, prototypes, contrastivity, complexity, changes = [], ...options } = given;
    this.#annotations = annotations;
    this.#similarities = given.similarities;
    this.#changes = changes;
    for (const { omitted } of changes) Object.assign(this.omitted, omitted);
    const common = { ...options, saliency: rule };
    if (contrastivity) {
      const metrics = prototypes.vectors ? DISTANCES : [];
      for (const metric of prototypes.vectors ? [] : DISTANCES) {
        this.omitted[metric] = "the prototypes of the model have no vectors";
      }
      this.#distances = new Contrastivity({ ...common, prototypes: prototypes.vectors, metrics });
      this.#locations = new Contrastivity({ ...common, metrics: ["VLC"] });
    }
    if (complexity) {
      const asked = options.complexityMetrics ?? PAPER_COMPLEXITY_METRICS;
      const metrics = asked.filter((metric) => !this.#isMissing(metric));
      this.#complexity = new Complexity({ ...common, prototypes: prototypes.count, metrics });
    }
    const techniques = [this.#distances, this.#similarities, this.#locations, this.#complexity, ...changes];
    for (const technique of techniques) if (technique) this.#images.set(technique, []);
  }

  async add(sample: ViewedSample, answer: ImageAnswer): Promise<void> {
    const { top, maps } = answer;
    const image = this.#count++;
    const prototypes = top.map(({ prototype }) => prototype);
    const give = (technique: Technique | undefined) => technique && this.#images.get(technique)!.push(image);
    this.#distances?.add({ top: prototypes, label: sample.label });
    give(this.#distances);
    await this.#similarities?.add(sample, prototypes);
    give(this.#similarities);
    if (!maps) return;
    this.#locations?.add({ top: prototypes, label: sample.label, saliency: maps });
    give(this.#locations);
    this.#complexity?.add({
      top: prototypes,
      saliency: maps,
      object: await this.#annotations.object(sample),
      ...(!this.#annotations.missingParts && { parts: this.#annotations.parts(sample) }),
    });
    give(this.#complexity);
    for (const change of this.#changes) {
      await change.add(sample, { ...answer, maps });
      give(change);
    }
  }

  /** The figures that could be computed, by name. */
  results(): Record<string, number> {
    const results: Record<string, number> = {};
    for (const [technique, images] of this.#images) {
      for (const [name, value] of Object.entries(technique.results())) {
        if (images.length > 0) results[name] = value as number;
        else this.omitted[name] = "no image was explained";
      }
    }
    Object.assign(this.omitted, this.#similarities?.omitted);
    return results;
  }

  /** The contribution of each image, in the order of adding, to the figures; a figure without one is absent. */
  values(): Record<string, number>[] {
    const values = Array.from({ length: this.#count }, (): Record<string, number> => ({}));
    for (const [technique, images] of this.#images) {
      for (const [name, column] of Object.entries(technique.perImage())) {
        images.forEach((image, i) => {
          if (Number.isFinite(column[i])) values[image][name] = column[i];
        });
      }
    }
    return values;
  }

  consistencyPerPrototype(): Map<number, number> {
    return this.#complexity?.consistencyPerPrototype() ?? new Map();
  }

  #isMissing(metric: ComplexityMetric): boolean {
    const { missingObjects, missingParts } = this.#annotations;
    const reason = metric === "Consistency" ? missingParts : missingObjects;
    if (reason !== undefined) this.omitted[metric] = reason;
    return reason !== undefined;
  }
}
