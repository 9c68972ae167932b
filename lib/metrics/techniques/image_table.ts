/** The values of several metrics for each image, in the units of the report. */

import type { MetricFidelity } from "../fidelity.ts";
import { ImageValues, meanOf } from "../image_values.ts";
import { MetricError } from "../metric_error.ts";

/**
 * A table with one column per requested metric. Metrics listed in `percent` are converted from fractions to
 * percentages.
 */
export class ImageTable<Key extends string> {
  readonly #columns: ReadonlyMap<Key, ImageValues>;
  readonly #percent: ReadonlySet<string>;

  constructor(metrics: readonly Key[], percent: readonly string[]) {
    this.#columns = new Map(metrics.map((metric) => [metric, new ImageValues()]));
    this.#percent = new Set(percent);
  }

  /** Adds an image's value, which is computed only if the metric was requested. */
  add(metric: Key, value: () => number): void {
    this.#columns.get(metric)?.add(value() * this.#scale(metric));
  }

  /** Adds the mean of an image's defined values; see {@link ImageValues.addDefined}. */
  addDefined(metric: Key, values: () => readonly number[]): void {
    this.#columns.get(metric)?.addDefined(values().map((value) => value * this.#scale(metric)));
  }

  /**
   * For each metric, one value per image in the order of adding: the rows from which a table's means are
   * computed.
   */
  perImage(): Record<string, readonly number[]> {
    return Object.fromEntries([...this.#columns].map(([metric, { values }]) => [metric, values]));
  }

  /** For each metric, the mean; see {@link ImageValues.mean}. */
  means(averaging: MetricFidelity["averaging"], batchSize: number): Record<string, number> {
    return Object.fromEntries(
      [...this.#columns].map(([metric, column]) => [metric, column.mean(averaging, batchSize)]),
    );
  }

  #scale(metric: Key): number {
    return this.#percent.has(metric) ? 100 : 1;
  }
}

/** The mean of `value` over 0 … count − 1. */
export function meanOver(count: number, value: (index: number) => number): number {
  return meanOf(Array.from({ length: count }, (_, i) => value(i)));
}

/** Returns `value`, an input that only `metrics` need. @throws {MetricError} if it is undefined. */
export function needed<T>(value: T | undefined, what: string, metrics: string): T {
  if (value === undefined) throw new MetricError(`${metrics} can't be computed without ${what}`);
  return value;
}
