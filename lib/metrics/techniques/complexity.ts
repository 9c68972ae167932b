/** Complexity: do the top prototypes show the object, its parts, and always the same ones? */

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
  /** Consistency of the boxes of clipped maps instead of the maps. */
  readonly boxes: boolean;
  readonly saliency: SaliencyRule;
  /** The number of images of a batch, for means of batches. */
  readonly batchSize: number;
  readonly fidelity: MetricFidelity;
}

export interface ComplexityImage {
  /** The image's top prototypes, the highest first. */
  readonly top: readonly number[];
  /** Their unclipped maps, top × height × width. */
  readonly saliency: HostTensor<"float32">;
  /** Where the object is, of the maps' size. */
  readonly object: Mask;
  /** For consistency. */
  readonly parts?: PartSlots;
}

/** Takes one image at a time; no maps are kept of it. */
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

  /** @throws {MetricError} when an input that a metric needs is absent or of another shape. */
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

  /** Per metric one value an image, in the order in which they were added; consistency has none. */
  perImage(): Record<string, readonly number[]> {
    return this.#table.perImage();
  }

  /** The consistency in percent of each prototype that was a top one; empty where it was not asked for. */
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
