/** A metric's value for each image, and the two ways of averaging them. */

import type { MetricFidelity } from "./fidelity.ts";
import { MetricError } from "./metric_error.ts";

/**
 * One value per image, in the order in which images were added. Each value is a mean over the image's
 * prototypes. Its weight is the number of prototypes in this mean, or 1 for metrics that are defined for
 * every prototype.
 */
export class ImageValues {
  readonly #values: number[] = [];
  readonly #weights: number[] = [];

  add(value: number, weight = 1): void {
    this.#values.push(value);
    this.#weights.push(weight);
  }

  /** Adds the mean of the `values` that are not NaN, weighted by their number; NaN if there are none. */
  addDefined(values: ArrayLike<number>): void {
    const defined = Array.from(values).filter((value) => !Number.isNaN(value));
    this.add(meanOf(defined), defined.length);
  }

  /** The values added so far; NaN for an image without a defined value. */
  get values(): readonly number[] {
    return this.#values;
  }

  /**
   * The mean over all images, or over the means of consecutive batches of `batchSize` images; the last batch
   * may be smaller. Batches with weight 0 are excluded; NaN if none remains.
   */
  mean(averaging: MetricFidelity["averaging"], batchSize: number): number {
    if (averaging === "images") return this.#weighted(0, this.#values.length);
    if (!Number.isInteger(batchSize) || batchSize < 1) {
      throw new MetricError(`the batch size must be an integer of at least 1, but is ${batchSize}`);
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
