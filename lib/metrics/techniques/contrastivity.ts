/** Contrastivity: measures how much the top prototypes differ within an image and between classes. */

import { float32, type HostTensor } from "../../tensor/host_tensor.ts";
import { activationEntropy } from "../contrastivity/entropy.ts";
import {
  intraActivationChange,
  intraBoxChange,
  intraMaskChange,
  intraPeakDistance,
} from "../contrastivity/intra.ts";
import { InterClassDistance, intraVectorDistance, peakFeatures } from "../contrastivity/vectors.ts";
import type { MetricFidelity } from "../fidelity.ts";
import { meanOf } from "../image_values.ts";
import { clipSaliency, minMaxMasks, percentileBoxes, type SaliencyRule } from "../masks/saliency.ts";
import { selectMaps, spatialMaxima } from "../selection.ts";
import { requireIndex, sidesOf, sliceOf } from "../shapes.ts";
import { ImageTable, needed } from "./image_table.ts";

export const CONTRASTIVITY_METRICS = [
  "VLC",
  "VAC",
  "PLC",
  "PALC",
  "Intra PD",
  "Inter PD",
  "Intra FD",
  "Inter FD",
  "entropy",
  "histogram",
] as const;

/**
 * VLC, VAC: visual location and activation change of saliency maps; PLC, PALC: location change of the peaks
 * and of the active regions of similarity maps; PD, FD: distances between prototype vectors and between
 * feature vectors; entropy: of the scores; histogram: how often each prototype is a top one.
 */
export type ContrastivityMetric = typeof CONTRASTIVITY_METRICS[number];

/** What to measure, and how. */
export interface ContrastivityOptions {
  readonly metrics: readonly ContrastivityMetric[];
  readonly classes: number;
  /** prototypes × dimensions; required for PD. */
  readonly prototypes?: HostTensor<"float32">;
  /** Whether to compute VLC from boxes instead of masks. */
  readonly boxes: boolean;
  readonly saliency: SaliencyRule;
  /** Images per batch, for means of batches. */
  readonly batchSize: number;
  readonly fidelity: MetricFidelity;
}

export interface ContrastivityImage {
  /** The image's top prototypes, the highest first. */
  readonly top: readonly number[];
  readonly label: number;
  /** The unclipped maps of the top prototypes, top × height × width; required for VLC and VAC. */
  readonly saliency?: HostTensor<"float32">;
  /** The maps of all prototypes, prototypes × height × width; required for PLC, PALC, FD and entropy. */
  readonly similarity?: HostTensor<"float32">;
  /** channels × positions of the similarity maps; required for FD. */
  readonly features?: HostTensor<"float32">;
}

export type ContrastivityResults = Record<string, number | Record<string, number>>;

/**
 * Computes contrastivity. Images are added one at a time; only their scores and vectors are kept, not their
 * maps.
 */
export class Contrastivity {
  readonly #options: ContrastivityOptions;
  readonly #asked: ReadonlySet<ContrastivityMetric>;
  readonly #table: ImageTable<ContrastivityMetric>;
  readonly #inter: { metric: ContrastivityMetric; distance: InterClassDistance }[];
  readonly #scores: Float32Array[] = [];
  readonly #histogram = new Map<number, number>();

  constructor(options: ContrastivityOptions) {
    this.#options = options;
    this.#asked = new Set(options.metrics);
    const perImage: ContrastivityMetric[] = ["VLC", "VAC", "PLC", "PALC", "Intra PD", "Intra FD"];
    this.#table = new ImageTable(perImage.filter((key) => this.#asked.has(key)), ["VLC", "VAC", "PALC"]);
    this.#inter = (["Inter PD", "Inter FD"] as const).filter((key) => this.#asked.has(key))
      .map((metric) => ({ metric, distance: new InterClassDistance(options.classes) }));
  }

  /** @throws {MetricError} if an input that a metric needs is missing or has the wrong shape. */
  add({ top, label, saliency, similarity, features }: ContrastivityImage): void {
    this.#addSaliency(saliency);
    const maps = this.#asks("PLC", "PALC", "Intra FD", "Inter FD")
      ? selectMaps(needed(similarity, "similarity maps", "PLC, PALC and FD"), top)
      : undefined;
    this.#table.add("PLC", () => intraPeakDistance(maps!, this.#options.fidelity.peak));
    this.#table.add("PALC", () => intraMaskChange(minMaxMasks(maps!)));
    this.#addVectors("PD", label, () => this.#prototypesOf(top));
    this.#addVectors("FD", label, () => peakFeatures(maps!, needed(features, "features", "FD")));
    if (this.#asked.has("entropy")) {
      this.#scores.push(spatialMaxima(needed(similarity, "similarity maps", "entropy")).data);
    }
    for (const prototype of top) this.#histogram.set(prototype, (this.#histogram.get(prototype) ?? 0) + 1);
  }

  /** For each metric, one value per image in the order of adding. */
  perImage(): Record<string, readonly number[]> {
    const distances = this.#inter.map(({ metric, distance }) => [metric, distance.perImage()]);
    return { ...this.#table.perImage(), ...Object.fromEntries(distances) };
  }

  /**
   * The results. Distances between classes are computed over the whole set and don't depend on `averaging`.
   */
  results(averaging = this.#options.fidelity.averaging): ContrastivityResults {
    const results: ContrastivityResults = this.#table.means(averaging, this.#options.batchSize);
    for (const { metric, distance } of this.#inter) results[metric] = distance.mean();
    const active = [...this.#histogram.keys()].sort((a, b) => a - b);
    if (this.#asked.has("entropy")) {
      const scoresOf = (prototype: number) => Float32Array.from(this.#scores, (scores) => scores[prototype]);
      results.entropy = meanOf(active.map((prototype) => activationEntropy(scoresOf(prototype))));
    }
    if (this.#asked.has("histogram")) {
      results.histogram = Object.fromEntries(
        active.map((prototype) => [prototype, this.#histogram.get(prototype)!]),
      );
    }
    return results;
  }

  #asks(...metrics: ContrastivityMetric[]): boolean {
    return metrics.some((metric) => this.#asked.has(metric));
  }

  #addSaliency(saliency: HostTensor<"float32"> | undefined): void {
    if (!this.#asks("VLC", "VAC")) return;
    const { boxes, saliency: rule, fidelity } = this.#options;
    const { masks, clipped } = clipSaliency(
      needed(saliency, "saliency maps", "VLC and VAC"),
      rule,
      fidelity.sparse,
    );
    this.#table.add(
      "VLC",
      () => boxes ? intraBoxChange(percentileBoxes(clipped, fidelity.sparse)) : intraMaskChange(masks),
    );
    this.#table.add("VAC", () => intraActivationChange(clipped));
  }

  #addVectors(kind: "PD" | "FD", label: number, vectorsOf: () => HostTensor<"float32">): void {
    if (!this.#asks(`Intra ${kind}`, `Inter ${kind}`)) return;
    const vectors = vectorsOf();
    this.#table.add(`Intra ${kind}`, () => intraVectorDistance(vectors));
    this.#inter.find(({ metric }) => metric === `Inter ${kind}`)?.distance.add(vectors, label);
  }

  #prototypesOf(top: readonly number[]): HostTensor<"float32"> {
    const prototypes = needed(this.#options.prototypes, "prototype vectors", "PD");
    const [count, dimensions] = sidesOf(prototypes, "prototype vectors", "prototypes", "dimensions");
    const vectors = new Float32Array(top.length * dimensions);
    top.forEach((prototype, rank) => {
      requireIndex(`the prototype of rank ${rank}`, prototype, count);
      vectors.set(sliceOf(prototypes, prototype).data, rank * dimensions);
    });
    return float32([top.length, dimensions], vectors);
  }
}
