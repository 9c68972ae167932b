/** Faults in the files of a data set, collected so that one error reports all of them. */

import type { Skips } from "./reading_options.ts";

/** A fault and its location. */
export interface Fault {
  /** Path of the file with the fault. */
  readonly file: string;
  /** The line in the file, from 1; undefined if the fault is not on a single line. */
  readonly line: number | undefined;
  /** The value found and the value expected. */
  readonly reason: string;
  /** Name of the sample that this fault makes unusable; absent if the fault is not of a single sample. */
  readonly sample?: string;
}

export interface FurtherFaults extends ErrorOptions {
  /** All faults after the first. */
  readonly others?: readonly Fault[];
  /** The total number of faults, if `others` does not hold all of them. */
  readonly count?: number;
  /** The sample of the first fault; see {@link Fault}. */
  readonly sample?: string;
  /** The samples of all faults, if `others` does not hold all of them. */
  readonly samples?: readonly string[];
}

/**
 * An error for one or more faults. Its own fields are those of the first fault; the message lists all kept
 * faults.
 */
export class DataSetError extends Error implements Fault {
  override name = "DataSetError";
  /** The kept faults in the order in which they were found, starting with this error's own. */
  readonly faults: readonly Fault[];
  /** The total number of faults; `faults` may hold fewer. */
  readonly count: number;
  /** The samples that any of the faults makes unusable, also of those that are not kept; each once. */
  readonly samples: readonly string[];

  constructor(
    readonly file: string,
    readonly line: number | undefined,
    readonly reason: string,
    { others = [], count = others.length + 1, sample, samples, ...options }: FurtherFaults = {},
  ) {
    const faults: Fault[] = [{ file, line, reason, ...(sample !== undefined && { sample }) }, ...others];
    const rest = count - faults.length;
    super([...faults.map(describe), ...(rest > 0 ? [`and ${rest} more faults`] : [])].join("\n"), options);
    this.faults = faults;
    this.count = count;
    this.samples = samples ?? [...new Set(faults.flatMap((fault) => fault.sample ?? []))];
  }
}

function describe({ file, line, reason }: Fault): string {
  return `${file}${line === undefined ? "" : `, line ${line}`}: ${reason}`;
}

/** Further faults are counted but not kept, because every line of a file may be wrong. */
export const MAX_KEPT_FAULTS = 20;

/** Collects faults so that reading can continue after a fault. */
export class FaultCollector {
  readonly #kept: Fault[] = [];
  readonly #samples = new Set<string>();
  #count = 0;
  #cause: unknown;

  /** @param skip samples whose faults are not collected, since they are left out */
  constructor(readonly skip?: Skips) {}

  /**
   * Calls `read` and returns its result. If it throws a `DataSetError`, keeps its faults under `sample` and
   * returns undefined.
   */
  attempt<T>(read: () => T, sample?: string): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof DataSetError)) throw error;
      this.add(error, sample);
    }
  }

  add(error: DataSetError, sample?: string): void {
    if (sample !== undefined && this.skip?.has(sample)) return;
    this.#cause ??= error.cause;
    for (const name of sample === undefined ? error.samples : [sample]) this.#samples.add(name);
    this.#kept.push(
      ...error.faults.slice(0, MAX_KEPT_FAULTS - this.#kept.length)
        .map((fault): Fault => sample === undefined ? fault : { ...fault, sample }),
    );
    this.#count += error.count;
  }

  /** @throws {DataSetError} with all collected faults, if there are any. */
  throwIfAny(): void {
    if (this.#count === 0) return;
    const [{ file, line, reason, sample }, ...others] = this.#kept;
    const cause = this.#cause === undefined ? {} : { cause: this.#cause };
    const samples = [...this.#samples];
    throw new DataSetError(file, line, reason, { others, count: this.#count, sample, samples, ...cause });
  }
}
