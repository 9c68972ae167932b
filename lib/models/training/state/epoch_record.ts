/** The results of an epoch for curves and tables: means over its batches. */

import type { Phase } from "../../../nn/optim/phases.ts";

/** Means by their names in the log: loss terms, `accuracy`, `f1_score`, … */
export type Means = Readonly<Record<string, number>>;

/** The results of one epoch: a line of `epochs.jsonl`. */
export interface EpochRecord {
  /** Counted from 0 over all phases. */
  readonly epoch: number;
  readonly phase: Phase;
  /** Learning rates by group. */
  readonly rates: Readonly<Record<string, number>>;
  readonly train: Means;
  /** Absent if the epoch was not validated. */
  readonly validation?: Means;
  /** Whether the weights after the epoch were saved as the phase's checkpoint. */
  readonly saved: boolean;
}

/** The mean of values of batches, weighted by batch size. */
export class MeanOfBatches {
  #count = 0;
  readonly #sums = new Map<string, number>();

  add(values: Means, size: number): void {
    this.#count += size;
    for (const [name, value] of Object.entries(values)) {
      this.#sums.set(name, (this.#sums.get(name) ?? 0) + value * size);
    }
  }

  /** The number of images so far. */
  get count(): number {
    return this.#count;
  }

  get means(): Means {
    return Object.fromEntries([...this.#sums].map(([name, sum]) => [name, sum / this.#count]));
  }
}
