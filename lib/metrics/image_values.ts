/** A metric's values image by image, and their mean by either rule. */

import type { MetricFidelity } from "./fidelity.ts";
import { MetricError } from "./metric_error.ts";

/**
 * One value an image, in the order in which the images were seen. Each is a mean over the image's prototypes;
 * its weight is how many of them it is a mean of, relative to the other images (1 where none can be missing).
 */
export class ImageValues {
  readonly #values: number[] = [];
  readonly #weights: number[] = [];

  add(value: number, weight = 1): void {
    this.#values.push(value);
    this.#weights.push(weight);
  }

  /** The mean of those of `values` that are not NaN, weighted by how many there are; NaN for none. */
  addDefined(values: ArrayLike<number>): void {
    const defined = Array.from(values).filter((value) => !Number.isNaN(value));
    this.add(meanOf(defined), defined.length);
  }

  /** The values so far; NaN where an image has none. */
  get values(): readonly number[] {
    return this.#values;
  }

  /**
   * The mean over all images, or over the means of successive batches of `batchSize` images, the last of which may
   * be smaller. Batches of no weight are left out; NaN where nothing is left.
   */
  mean(averaging: MetricFidelity["averaging"], batchSize: number): number {
    if (averaging === "images") return this.#weighted(0, this.#values.length);
    if (!Number.isInteger(batchSize) || batchSize < 1) {
      throw new MetricError(`the batch size must be a whole number of at least 1, but is ${batchSize}`);
    }
    const means: number[] = [];
    for (let start = 0; start < this.#values.length; start += batchSize) {
      const end = Math.min(start + batchSize, this.#values.length);
      if (this.#weights.slice(start, end).some((weight) => weight > 0)) {
        means.push(this.#weighted(start, end));
      }
    }
    return meanOf(means);
  }

  #weighted(start: number, end: number): number {
    let sum = 0;
    let weights = 0;
    for (let i = start; i < end; i++) {
      if (this.#weights[i] === 0) continue;
      sum += this.#weights[i] * this.#values[i];
      weights += this.#weights[i];
    }
    return sum / weights;
  }
}

/** The arithmetic mean, summed in float64; NaN for no values. */
export function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}
