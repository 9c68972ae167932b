/** What tasks of a kind need of a machine. It is in no key: a better figure reruns nothing. */

/** Facts of an output on which estimates of later tasks depend, such as its number of images; kinds agree on their names. */
export type Sizes = Readonly<Record<string, unknown>>;

/** So many operations of about one size. */
export interface SizedOperations {
  readonly size: number;
  readonly count: number;
}

/** Operations by the names under which a calibration measures them, each by its size. */
export type Operations = Readonly<Record<string, readonly SizedOperations[]>>;

/** What a task will cost. */
export interface Estimate {
  readonly images?: number;
  /** Floating-point operations on the device: two for each product and sum. */
  readonly flop?: number;
  /** The same work in parts, where a calibration tells how long each takes: the time of small ones is not that of their FLOP. */
  readonly operations?: Operations;
  /** What each process does on the device before its work, such as to open sessions: items share it no more than a start. */
  readonly preparation?: Operations;
  /**
   * Seconds of work that is no `flop`, such as writing a model, on a core of the machine that the figures were taken on: one
   * thread does it, or that of each item.
   */
  readonly seconds?: number;
  /** Such work of several threads, while the device computes: batches are loaded ahead. */
  readonly inThreads?: { readonly seconds: number; readonly threads: number };
  /** How often a process is started, one after another; default 1. */
  readonly starts?: number;
  /** Whether its work is items, on which several processes work side by side. */
  readonly isByItem?: boolean;
  /** Bytes written to the store. */
  readonly bytes: number;
  /** The most memory of its process, in MiB. */
  readonly memoryMB?: number;
  /** Where the task can work with less, more slowly: the least, in MiB. It is told what it was assigned. */
  readonly leastMB?: number;
  /** Facts of its outputs. */
  readonly sizes: Sizes;
}

/** The needs of tasks of one kind; `tasks/kinds.ts` names the file of each under `demands`. */
export interface KindDemand<Params> {
  /**
   * The part of a GPU that a task takes where it computes on one: 1 is a whole device, 0.5 half of one. Without it, or
   * with 0, a task computes on the CPU whatever device was asked for, and its key does not depend on that device.
   */
  readonly gpu?: number | ((params: Params) => number);
  /**
   * The cost of a task, before anything has run; undefined where it can't be told.
   *
   * @param inputs by input the sizes of the outputs that it takes; `{}` stands for a file or folder of the user
   */
  readonly estimate?: (
    params: Params,
    inputs: Readonly<Record<string, readonly Sizes[]>>,
  ) => Estimate | undefined | Promise<Estimate | undefined>;
}

/** A demand of which nothing more is known. */
// deno-lint-ignore no-explicit-any -- a function of unknown params can only be typed with any
export type AnyDemand = KindDemand<any>;

/** Demands by kind, each imported when it is first needed. */
export type Demands = Readonly<Record<string, () => Promise<{ default: AnyDemand }>>>;

/** Declares a demand: the default export of a file in `tasks/demands/`. */
export function defineDemand<Params>(demand: KindDemand<Params>): KindDemand<Params> {
  return demand;
}
