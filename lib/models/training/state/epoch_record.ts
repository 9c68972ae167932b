/** The results of an epoch for curves and tables: means over its batches. */

import type { Phase } from "../../../nn/optim/phases.ts";

/** Means by the names under which they are logged: loss terms, `accuracy`, `f1_score`, … */
export type Means = Readonly<Record<string, number>>;

/** What one epoch came to: a line of `epochs.jsonl`. */
export interface EpochRecord {
  /** Counted from 0 over all phases. */
  readonly epoch: number;
  readonly phase: Phase;
  /** Learning rates by group. */
  readonly rates: Readonly<Record<string, number>>;
  readonly train: Means;
  /** Absent where the epoch was not validated. */
  readonly validation?: Means;
  /** Whether the weights after the epoch became the phase's checkpoint. */
  readonly saved: boolean;
}

/** The mean of values reported by batches, weighted by their sizes. */
export class MeanOfBatches {
  #count = 0;
  readonly #sums = new Map<string, number>();

  add(values: Means, size: number): void {
    this.#count += size;
    for (const [name, value] of Object.entries(values)) {
      this.#sums.set(name, (this.#sums.get(name) ?? 0) + value * size);
    }
  }

  /** Images so far. */
  get count(): number {
    return this.#count;
  }

  get means(): Means {
    return Object.fromEntries([...this.#sums].map(([name, sum]) => [name, sum / this.#count]));
  }
}
