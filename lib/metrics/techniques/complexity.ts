/** Complexity: measures whether the top prototypes show the object and, consistently, the same parts. */

import type { HostTensor } from "../../tensor/host_tensor.ts";
import type { Mask } from "../../vision/image.ts";
import { PartConsistency } from "../complexity/consistency.ts";
import { objectOverlaps } from "../complexity/overlap.ts";
import { partsInBox, type PartSlots, partsOnMap } from "../complexity/part_hits.ts";
import { relevanceDifference, relevanceRatio } from "../complexity/relevance.ts";
import type { MetricFidelity } from "../fidelity.ts";
import { clipSaliency, percentileBoxes, type Saliency, type SaliencyRule } from "../masks/saliency.ts";
import { requireCount, sliceOf } from "../shapes.ts";
import { ImageTable, meanOver, needed } from "./image_table.ts";

/** The metrics of complexity. */
export const COMPLEXITY_METRICS = [
  "Object Overlap",
  "Background Overlap",
  "IOR",
  "OIRR",
  "IOU",
  "Consistency",
] as const;

/** IOR: inside-outside relevance difference; OIRR: outside-inside relevance ratio; the rest in percent. */
export type ComplexityMetric = typeof COMPLEXITY_METRICS[number];

/** The metrics in the paper's Table II. */
export const PAPER_COMPLEXITY_METRICS: readonly ComplexityMetric[] = [
  "IOR",
  "Object Overlap",
  "Background Overlap",
  "Consistency",
];

export interface ComplexityOptions {
  readonly metrics: readonly ComplexityMetric[];
  readonly prototypes: number;
  /** Whether to compute consistency from the boxes of clipped maps instead of the maps. */
  readonly boxes: boolean;
  readonly saliency: SaliencyRule;
  /** Images per batch, for means of batches. */
  readonly batchSize: number;
  readonly fidelity: MetricFidelity;
}

export interface ComplexityImage {
  /** The image's top prototypes, the highest first. */
  readonly top: readonly number[];
  /** Their unclipped maps, top × height × width. */
  readonly saliency: HostTensor<"float32">;
  /** The object mask, of the maps' size. */
  readonly object: Mask;
  /** The parts of the image; required for consistency. */
  readonly parts?: PartSlots;
}

/** Computes complexity. Images are added one at a time; their maps are not kept. */
export class Complexity {
  readonly #options: ComplexityOptions;
  readonly #table: ImageTable<ComplexityMetric>;
  readonly #consistency: PartConsistency | undefined;

  constructor(options: ComplexityOptions) {
    this.#options = options;
    this.#table = new ImageTable(
      options.metrics.filter((metric) => metric !== "Consistency"),
      ["Object Overlap", "Background Overlap", "IOU"],
    );
    if (options.metrics.includes("Consistency")) this.#consistency = new PartConsistency(options.prototypes);
  }

  /** @throws {MetricError} if an input that a metric needs is missing or has the wrong shape. */
  add({ top, saliency, object, parts }: ComplexityImage): void {
    const { saliency: rule, fidelity } = this.#options;
    requireCount("the number of saliency maps", saliency.shape[0], top.length);
    const clipped = clipSaliency(saliency, rule, fidelity.sparse);
    const map = (rank: number) => sliceOf(clipped.clipped, rank).data;
    const overlaps = top.map((_, rank) => objectOverlaps(sliceOf(clipped.masks, rank).data, object.data));
    const count = top.length;
    this.#table.add("Object Overlap", () => meanOver(count, (rank) => overlaps[rank].objectOverlap));
    this.#table.add("Background Overlap", () => meanOver(count, (rank) => overlaps[rank].backgroundOverlap));
    this.#table.add("IOR", () => meanOver(count, (rank) => relevanceDifference(map(rank), object.data)));
    this.#table.add(
      "OIRR",
      () => meanOver(count, (rank) => relevanceRatio(map(rank), object.data, fidelity.ratioClamp)),
    );
    this.#table.add("IOU", () => meanOver(count, (rank) => overlaps[rank].iou));
    this.#consistency?.add(top, this.#partHits(clipped, needed(parts, "part places", "Consistency")));
  }

  /** For each metric, one value per image in the order of adding; consistency has no values per image. */
  perImage(): Record<string, readonly number[]> {
    return this.#table.perImage();
  }

  /**
   * The consistency in percent of each prototype that was a top one; empty if consistency was not requested.
   */
  consistencyPerPrototype(): Map<number, number> {
    const scores = this.#consistency?.perPrototype() ?? [];
    return new Map([...scores].map(([prototype, score]) => [prototype, 100 * score]));
  }

  results(averaging = this.#options.fidelity.averaging): Record<string, number> {
    const results = this.#table.means(averaging, this.#options.batchSize);
    if (this.#consistency) results.Consistency = 100 * this.#consistency.mean();
    return results;
  }

  #partHits({ masks, clipped }: Saliency, parts: PartSlots): Int32Array[] {
    const { boxes, fidelity } = this.#options;
    if (boxes) return percentileBoxes(clipped, fidelity.sparse).map((box) => partsInBox(box, parts));
    const maps: HostTensor<"float32" | "uint8"> = fidelity.consistencyMap === "truncate" ? clipped : masks;
    return Array.from(
      { length: maps.shape[0] },
      (_, rank) => partsOnMap(sliceOf(maps, rank), parts, fidelity.consistencyMap),
    );
  }
}
