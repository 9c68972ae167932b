/** What tasks of a kind need of a machine. It is in no key: a better figure reruns nothing. */

/** The needs of tasks of one kind; `tasks/kinds.ts` names the file of each under `demands`. */
export interface KindDemand<Params> {
  /**
   * The part of a GPU that a task takes where it computes on one: 1 is a whole device, 0.5 half of one, 0 none. A task
   * that takes none computes on the CPU whatever device was asked for, and its key does not depend on that device.
   */
  readonly gpu: number | ((params: Params) => number);
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
