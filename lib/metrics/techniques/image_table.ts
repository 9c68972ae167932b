/** The values of several metrics, image by image, in the units in which they are reported. */

import type { MetricFidelity } from "../fidelity.ts";
import { ImageValues, meanOf } from "../image_values.ts";
import { MetricError } from "../metric_error.ts";

/** A column for each metric asked for; fractions are reported as percentages where `percent` names them. */
export class ImageTable<Key extends string> {
  readonly #columns: ReadonlyMap<Key, ImageValues>;
  readonly #percent: ReadonlySet<string>;

  constructor(metrics: readonly Key[], percent: readonly string[]) {
    this.#columns = new Map(metrics.map((metric) => [metric, new ImageValues()]));
    this.#percent = new Set(percent);
  }

  /** Adds an image's value, which is computed only if the metric was asked for. */
  add(metric: Key, value: () => number): void {
    this.#columns.get(metric)?.add(value() * this.#scale(metric));
  }

  /** Adds the mean of an image's values that are defined; see {@link ImageValues.addDefined}. */
  addDefined(metric: Key, values: () => readonly number[]): void {
    this.#columns.get(metric)?.addDefined(values().map((value) => value * this.#scale(metric)));
  }

  /** Per metric one value an image, in the order of the images; the rows behind a figure of a table. */
  perImage(): Record<string, readonly number[]> {
    return Object.fromEntries([...this.#columns].map(([metric, { values }]) => [metric, values]));
  }

  /** Per metric the mean by one of the two rules. */
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

/** An input that only some metrics need. @throws {MetricError} when it is absent; `metrics` names who needs it. */
export function needed<T>(value: T | undefined, what: string, metrics: string): T {
  if (value === undefined) throw new MetricError(`${metrics} can't be computed without ${what}`);
  return value;
}
