/** Continuity: measures how outputs and visualisations change after a small change of the image. */

import type { HostTensor } from "../../tensor/host_tensor.ts";
import { boxChange, maskChange } from "../changes/location.ts";
import { logitChange, rankChanges, topClassRank } from "../continuity/ranks.ts";
import { boxStability, maskStability } from "../continuity/stability.ts";
import type { MetricFidelity } from "../fidelity.ts";
import { meanOf } from "../image_values.ts";
import { clipSaliency, minMaxMasks, percentileBoxes, type SaliencyRule } from "../masks/saliency.ts";
import { selectMaps, spatialMaxima } from "../selection.ts";
import { requireCount, sliceOf } from "../shapes.ts";
import { ImageTable, meanOver, needed } from "./image_table.ts";
import {
  addSimilarityChanges,
  MAP_CHANGE_METRICS,
  MAP_CHANGE_PERCENT,
  meanActivationChange,
} from "./map_changes.ts";

/**
 * CAC and CRC: change of the logits and of the top class's rank; Stability: change of the parts pointed at.
 */
export const CONTINUITY_METRICS = [...MAP_CHANGE_METRICS, "CAC", "CRC", "Stability"] as const;

export type ContinuityMetric = typeof CONTINUITY_METRICS[number];

/** What to measure, and how. */
export interface ContinuityOptions {
  readonly metrics: readonly ContinuityMetric[];
  /** Whether to compute VLC and Stability from boxes instead of masks. */
  readonly boxes: boolean;
  readonly saliency: SaliencyRule;
  /** Images per batch, for means of batches. */
  readonly batchSize: number;
  readonly fidelity: MetricFidelity;
}

/** A model's output for one version of an image. */
export interface Answer {
  /** prototypes × height × width. */
  readonly similarity: HostTensor<"float32">;
  /** The unclipped maps of the top prototypes, top × height × width. */
  readonly saliency: HostTensor<"float32">;
  readonly logits: Float32Array;
}

export interface ContinuityImage {
  /** The top prototypes of the unchanged image, the highest first. */
  readonly top: readonly number[];
  readonly before: Answer;
  readonly after: Answer;
  /** slots × 2: x and y of the parts, −1 for unused slots; for Stability. */
  readonly parts?: HostTensor<"float32">;
}

/** Computes continuity. Images are added one at a time. */
export class Continuity {
  readonly #options: ContinuityOptions;
  readonly #table: ImageTable<ContinuityMetric>;

  constructor(options: ContinuityOptions) {
    this.#options = options;
    this.#table = new ImageTable(options.metrics, [...MAP_CHANGE_PERCENT, "CAC", "Stability"]);
  }

  /** @throws {MetricError} if an input that a metric needs is missing or has the wrong shape. */
  add({ top, before, after, parts }: ContinuityImage): void {
    const { fidelity, metrics } = this.#options;
    const maps = [before, after].map(({ similarity }) => selectMaps(similarity, top));
    addSimilarityChanges(this.#table, maps[0], maps[1], minMaxMasks(maps[1]), fidelity.peak);
    this.#table.add("PRC", () => meanOf(rankChanges(top, spatialMaxima(after.similarity).data)));
    this.#table.add("CAC", () => logitChange(before.logits, after.logits));
    this.#table.add("CRC", () => topClassRank(before.logits, after.logits));
    if (["VLC", "VAC", "Stability"].some((metric) => metrics.includes(metric as ContinuityMetric))) {
      this.#addVisualisations(top.length, before.saliency, after.saliency, parts);
    }
  }

  /** For each metric, one value per image in the order of adding. */
  perImage(): Record<string, readonly number[]> {
    return this.#table.perImage();
  }

  results(averaging = this.#options.fidelity.averaging): Record<string, number> {
    return this.#table.means(averaging, this.#options.batchSize);
  }

  #addVisualisations(
    count: number,
    before: HostTensor<"float32">,
    after: HostTensor<"float32">,
    parts: HostTensor<"float32"> | undefined,
  ): void {
    const { boxes, saliency: rule, fidelity } = this.#options;
    for (const maps of [before, after]) requireCount("the number of saliency maps", maps.shape[0], count);
    const [first, second] = [before, after].map((maps) => clipSaliency(maps, rule, fidelity.sparse));
    this.#table.add("VAC", () => meanActivationChange(first.clipped, second.clipped));
    if (boxes) {
      const [from, to] = [first, second].map(({ clipped }) => percentileBoxes(clipped, fidelity.sparse));
      this.#table.add(
        "VLC",
        () => meanOver(count, (i) => boxChange(from[i], to[i], fidelity.boxIntersection)),
      );
      this.#table.addDefined("Stability", () => {
        const places = needed(parts, "part places", "Stability");
        return from.map((box, i) => boxStability(box, to[i], places));
      });
      return;
    }
    const [from, to] = [first, second].map(({ masks }) =>
      Array.from({ length: count }, (_, i) => sliceOf(masks, i))
    );
    this.#table.add("VLC", () => meanOver(count, (i) => maskChange(from[i].data, to[i].data)));
    this.#table.addDefined("Stability", () => {
      const places = needed(parts, "part places", "Stability");
      return from.map((mask, i) => maskStability(mask, to[i], places, fidelity.unusedParts));
    });
  }
}
