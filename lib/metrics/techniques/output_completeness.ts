/**
 * Output completeness: measures how a prototype's output changes if everything outside its visualisation is
 * perturbed.
 */

import { float32, type HostTensor } from "../../tensor/host_tensor.ts";
import { boxChange, maskChange } from "../changes/location.ts";
import { perturbedMinMaxMasks, perturbedPercentileMasks } from "../completeness/perturbed_masks.ts";
import { rankChanges } from "../continuity/ranks.ts";
import type { MetricFidelity } from "../fidelity.ts";
import { meanOf } from "../image_values.ts";
import { clipMap } from "../masks/percentile_mask.ts";
import { clipSaliency, percentileBoxes, type Saliency, type SaliencyRule } from "../masks/saliency.ts";
import { selectMaps, spatialMaxima } from "../selection.ts";
import { requireCount, requireSameShape, sliceOf } from "../shapes.ts";
import { ImageTable, meanOver } from "./image_table.ts";
import {
  addSimilarityChanges,
  MAP_CHANGE_METRICS,
  MAP_CHANGE_PERCENT,
  type MapChangeMetric,
  meanActivationChange,
} from "./map_changes.ts";

/** The metrics of output completeness. */
export const OUTPUT_COMPLETENESS_METRICS = MAP_CHANGE_METRICS;

/** What to measure, and how. */
export interface OutputCompletenessOptions {
  readonly metrics: readonly MapChangeMetric[];
  /** Whether to compute VLC from boxes instead of masks. */
  readonly boxes: boolean;
  readonly saliency: SaliencyRule;
  /** Images per batch; the last batch may be smaller. */
  readonly batchSize: number;
  readonly fidelity: MetricFidelity;
}

/** An image with its outputs before and after perturbations. */
export interface OutputCompletenessImage {
  /** The image's top prototypes, the highest first. */
  readonly top: readonly number[];
  /** prototypes × height × width. */
  readonly similarity: HostTensor<"float32">;
  /** The unclipped maps of the top prototypes, top × height × width. */
  readonly saliency: HostTensor<"float32">;
  /** The outputs after each perturbation, one per top prototype. */
  readonly perturbed: readonly {
    /** prototypes × height × width. */
    readonly similarity: HostTensor<"float32">;
    /** The map of the top prototype of this perturbation, height × width. */
    readonly saliency: HostTensor<"float32">;
  }[];
}

/**
 * Computes output completeness. Images are added in batches, because the reference implementation's masks
 * depend on the batch.
 */
export class OutputCompleteness {
  readonly #options: OutputCompletenessOptions;
  readonly #table: ImageTable<MapChangeMetric>;

  constructor(options: OutputCompletenessOptions) {
    this.#options = options;
    this.#table = new ImageTable(options.metrics, MAP_CHANGE_PERCENT);
  }

  /** @throws {MetricError} if shapes differ or a perturbed output is missing. */
  addBatch(images: readonly OutputCompletenessImage[]): void {
    const ranks = images[0]?.top.length ?? 0;
    for (const { top, perturbed } of images) {
      requireCount("the number of top prototypes of an image", top.length, ranks);
      requireCount("the number of perturbed outputs of an image", perturbed.length, ranks);
    }
    const { fidelity } = this.#options;
    const byRank = Array.from({ length: ranks }, (_, rank) => ({
      ...this.#clipPerturbed(stack(images.map(({ perturbed }) => perturbed[rank].saliency))),
      regions: perturbedMinMaxMasks(
        stack(images.map(({ top, perturbed }) => sliceOf(perturbed[rank].similarity, top[rank]))),
        fidelity.perturbedMasks,
      ),
    }));
    images.forEach((image, i) => {
      const { top, similarity, saliency, perturbed } = image;
      const after = stack(perturbed.map((answer, rank) => sliceOf(answer.similarity, top[rank])));
      const regions = stack(byRank.map(({ regions }) => sliceOf(regions, i)));
      addSimilarityChanges(this.#table, selectMaps(similarity, top), after, regions, fidelity.peak);
      this.#table.add(
        "PRC",
        () => meanOf(rankChanges(top, perturbed.map((answer) => spatialMaxima(answer.similarity).data))),
      );
      this.#addVisualisations(saliency, {
        masks: stack(byRank.map(({ masks }) => sliceOf(masks, i))),
        clipped: stack(byRank.map(({ clipped }) => sliceOf(clipped, i))),
      });
    });
  }

  /** For each metric, one value per image in the order of adding. */
  perImage(): Record<string, readonly number[]> {
    return this.#table.perImage();
  }

  results(averaging = this.#options.fidelity.averaging): Record<string, number> {
    return this.#table.means(averaging, this.#options.batchSize);
  }

  #clipPerturbed(maps: HostTensor<"float32">): Saliency {
    const { saliency: rule, fidelity } = this.#options;
    if (rule === "binary") return clipSaliency(maps, rule, fidelity.sparse);
    const masks = perturbedPercentileMasks(maps, fidelity.perturbedMasks, fidelity.sparse);
    return { masks, clipped: float32(maps.shape, clipMap(maps.data, masks.data)) };
  }

  #addVisualisations(saliency: HostTensor<"float32">, after: Saliency): void {
    const { boxes, saliency: rule, fidelity } = this.#options;
    const before = clipSaliency(saliency, rule, fidelity.sparse);
    requireSameShape(before.clipped, after.clipped, "saliency maps before and after a perturbation");
    const count = saliency.shape[0];
    this.#table.add("VAC", () => meanActivationChange(before.clipped, after.clipped));
    this.#table.add("VLC", () => {
      if (!boxes) {
        return meanOver(
          count,
          (i) => maskChange(sliceOf(before.masks, i).data, sliceOf(after.masks, i).data),
        );
      }
      const [from, to] = [before, after].map(({ clipped }) => percentileBoxes(clipped, fidelity.sparse));
      return meanOver(count, (i) => boxChange(from[i], to[i], fidelity.boxIntersection));
    });
  }
}

/** Stacks tensors of the same shape along a new first axis. */
function stack<T extends "float32" | "uint8">(tensors: readonly HostTensor<T>[]): HostTensor<T> {
  const [first] = tensors;
  const size = first.data.length;
  const data = first.dtype === "uint8"
    ? new Uint8Array(size * tensors.length)
    : new Float32Array(size * tensors.length);
  tensors.forEach((tensor, i) => {
    requireSameShape(first, tensor, "the maps of a batch");
    data.set(tensor.data, i * size);
  });
  return { dtype: first.dtype, shape: [tensors.length, ...first.shape], data: data as HostTensor<T>["data"] };
}
