/** Cosine distances of prototype vectors, or of the feature vectors at the peaks of their maps. */

import { float32, type HostTensor } from "../../tensor/host_tensor.ts";
import { peakIndex } from "../changes/peak.ts";
import { meanOf } from "../image_values.ts";
import { MetricError } from "../metric_error.ts";
import { requireCount, requireIndex, requireSome, sidesOf, sliceOf } from "../shapes.ts";
import { meanPairDifference } from "./pairs.ts";

/** Vectors are divided by their norm or by this value, whichever is larger. */
const LEAST_NORM = 1e-8;

/** Distances within an image below this value count as 0. */
const LEAST_DISTANCE = Math.fround(1e-5);

/** The vectors scaled to unit length; zero vectors stay zero. */
function unitVectors(vectors: HostTensor<"float32">): Float64Array[] {
  const [count] = sidesOf(vectors, "vectors", "ranks", "dimensions");
  return Array.from({ length: count }, (_, i) => {
    const { data } = sliceOf(vectors, i);
    const norm = Math.max(Math.sqrt(data.reduce((sum, value) => sum + value * value, 0)), LEAST_NORM);
    return Float64Array.from(data, (value) => value / norm);
  });
}

/**
 * The mean over pairs of 1 − cos of one image's vectors (ranks × dimensions); a zero vector has distance 1 to
 * all vectors, including itself.
 */
export function intraVectorDistance(vectors: HostTensor<"float32">): number {
  const units = unitVectors(vectors);
  return meanPairDifference(units.length, (a, b) => {
    const distance = 1 - dot(units[a], units[b]);
    return distance < LEAST_DISTANCE ? 0 : distance;
  });
}

/**
 * The vectors of `features` (channels × positions …) at the peak of each map of `maps` (ranks × height ×
 * width).
 */
export function peakFeatures(
  maps: HostTensor<"float32">,
  features: HostTensor<"float32">,
): HostTensor<"float32"> {
  const [ranks, height, width] = sidesOf(maps, "similarity maps", "ranks", "height", "width");
  const channels = features.shape[0];
  const positions = features.data.length / channels;
  requireCount("the number of positions of the features", positions, height * width);
  const vectors = new Float32Array(ranks * channels);
  for (let rank = 0; rank < ranks; rank++) {
    const peak = peakIndex(sliceOf(maps, rank).data);
    for (let c = 0; c < channels; c++) vectors[rank * channels + c] = features.data[c * positions + peak];
  }
  return float32([ranks, channels], vectors);
}

/**
 * Distances between vectors of the same rank in images of different classes. Because 1 − cos is linear in
 * each unit vector, sums per class and rank replace a loop over pairs of images.
 */
export class InterClassDistance {
  readonly #sums: (Float64Array[] | undefined)[];
  readonly #counts: number[];
  readonly #units: { label: number; vectors: Float64Array[] }[] = [];

  constructor(readonly classes: number) {
    this.#sums = new Array(classes).fill(undefined);
    this.#counts = new Array(classes).fill(0);
  }

  /**
   * @param vectors the vectors of the image's prototypes, ranks × dimensions
   * @throws {MetricError} if the label is not a class or the shape differs from earlier images.
   */
  add(vectors: HostTensor<"float32">, label: number): void {
    requireIndex(`the label of image ${this.#units.length}`, label, this.classes);
    const units = unitVectors(vectors);
    const first = this.#units[0]?.vectors;
    if (first && (first.length !== units.length || first[0]?.length !== units[0]?.length)) {
      throw new MetricError(
        `the vectors of image ${this.#units.length} have the shape [${vectors.shape}], ` +
          `but those of the first image have [${[first.length, first[0]?.length]}]`,
      );
    }
    const sums = this.#sums[label] ??= units.map(({ length }) => new Float64Array(length));
    units.forEach((unit, rank) => addTo(sums[rank], unit));
    this.#counts[label]++;
    this.#units.push({ label, vectors: units });
  }

  /** For each image, the mean distance to all images of other classes; 0 if there are none. */
  perImage(): number[] {
    const total = this.#total();
    return this.#units.map(({ label, vectors }) => {
      const others = this.#units.length - this.#counts[label];
      if (others === 0) return 0;
      const own = this.#sums[label]!;
      const cosines = vectors.map((unit, rank) => dot(unit, total[rank]) - dot(unit, own[rank]));
      return 1 - meanOf(cosines) / others;
    });
  }

  /**
   * For each class, the mean over its images; 0 for a class without images. All are 0 if only one class has
   * images.
   */
  perClass(): number[] {
    const sums = new Array<number>(this.classes).fill(0);
    this.perImage().forEach((distance, i) => sums[this.#units[i].label] += distance);
    return sums.map((sum, label) => this.#counts[label] === 0 ? 0 : sum / this.#counts[label]);
  }

  /** The unweighted mean over all classes, including those without images. */
  mean(): number {
    requireSome("the number of classes", this.classes);
    return meanOf(this.perClass());
  }

  #total(): Float64Array[] {
    const total: Float64Array[] = [];
    for (const sums of this.#sums) {
      sums?.forEach((sum, rank) => addTo(total[rank] ??= new Float64Array(sum.length), sum));
    }
    return total;
  }
}

function addTo(sum: Float64Array, vector: Float64Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] += vector[i];
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
