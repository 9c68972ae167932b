/** Faults in the files of a data set, gathered so that one error reports them all. */

/** A fault and its place. */
export interface Fault {
  /** Path of the file at fault. */
  readonly file: string;
  /** The line of the file, from 1; undefined if the fault is not at a single line. */
  readonly line: number | undefined;
  /** What was found, and what was expected. */
  readonly reason: string;
  /** Name of the sample that can't be used for it; absent where it is of no one sample. */
  readonly sample?: string;
}

export interface FurtherFaults extends ErrorOptions {
  /** All faults after the first. */
  readonly others?: readonly Fault[];
  /** How many there are, where not all of them are given. */
  readonly count?: number;
  /** Of the first; see {@link Fault}. */
  readonly sample?: string;
}

/** The message has the file, the line if there is one, and the fault; of several faults, the first. */
export class DataSetError extends Error implements Fault {
  override name = "DataSetError";
  /** In the order in which they were found, the error's own in front. */
  readonly faults: readonly Fault[];
  /** How many faults there are; `faults` may hold fewer. */
  readonly count: number;

  constructor(
    readonly file: string,
    readonly line: number | undefined,
    readonly reason: string,
    { others = [], count = others.length + 1, sample, ...options }: FurtherFaults = {},
  ) {
    const faults: Fault[] = [{ file, line, reason, ...(sample !== undefined && { sample }) }, ...others];
    const rest = count - faults.length;
    super([...faults.map(describe), ...(rest > 0 ? [`and ${rest} more faults`] : [])].join("\n"), options);
    this.faults = faults;
    this.count = count;
  }
}

function describe({ file, line, reason }: Fault): string {
  return `${file}${line === undefined ? "" : `, line ${line}`}: ${reason}`;
}

/** More are counted, but not kept: a file may be wrong in every line. */
export const MAX_KEPT_FAULTS = 20;

/** Goes on reading behind a fault. */
export class FaultCollector {
  readonly #kept: Fault[] = [];
  #count = 0;
  #cause: unknown;

  /** What `read` returns; undefined where it throws a `DataSetError`, whose faults are kept as those of `sample`. */
  attempt<T>(read: () => T, sample?: string): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof DataSetError)) throw error;
      this.add(error, sample);
    }
  }

  add(error: DataSetError, sample?: string): void {
    this.#cause ??= error.cause;
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
    throw new DataSetError(file, line, reason, { others, count: this.#count, sample, ...cause });
  }
}
