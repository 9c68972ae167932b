/** Finished trials of a search, and which of them are the better ones. */

import { z } from "zod";
import { assignment } from "./space.ts";

/** Whether greater or lower values of the objective are better. */
export const direction = z.enum(["maximize", "minimize"]);

/** What {@link direction} reads. */
export type Direction = z.output<typeof direction>;

/** The values of a trial as it went on: pairs of a step and the objective after it, null for one that is no number. */
export const reports = z.array(z.tuple([z.int(), z.number().nullable()]));

export type Reports = Readonly<z.output<typeof reports>>;

/** A trial that has ended: with its objective, cut short by a pruner, or by a failure. */
export const finishedTrial = z.strictObject({
  /** Its place in the search, from 0. */
  trial: z.int().nonnegative(),
  state: z.enum(["complete", "pruned", "failed"]),
  assignment,
  /** The objective; null where the trial was not complete. */
  value: z.number().nullable(),
  reports,
});

/** What {@link finishedTrial} reads. */
export type FinishedTrial = Readonly<z.output<typeof finishedTrial>>;

/** The trials to learn from: complete ones, and pruned ones by how far they came. A failed trial says nothing. */
export function learnable(trials: readonly FinishedTrial[]): FinishedTrial[] {
  return trials.filter(({ state }) => state !== "failed");
}

/**
 * Parts trials into the `count` best and the others, each by their place in the search. Complete trials come before
 * pruned ones; of pruned ones that with the later last step is better, then the one with the better value at it, and
 * those without any report come last. Ties go to the earlier trial.
 */
export function split(
  trials: readonly FinishedTrial[],
  count: number,
  direction: Direction,
): { better: FinishedTrial[]; others: FinishedTrial[] } {
  const sign = direction === "maximize" ? -1 : 1;
  const byPlace = trials.toSorted((a, b) => a.trial - b.trial);
  const ranked = byPlace.toSorted((a, b) => compareRanks(rank(a, sign), rank(b, sign)));
  const best = new Set(ranked.slice(0, count));
  return {
    better: byPlace.filter((trial) => best.has(trial)),
    others: byPlace.filter((trial) => !best.has(trial)),
  };
}

/** The best complete trial; undefined where none is complete. */
export function bestOf(trials: readonly FinishedTrial[], direction: Direction): FinishedTrial | undefined {
  return split(trials.filter(({ state }) => state === "complete"), 1, direction).better.at(0);
}

/** Lower is better, entry by entry. */
function rank({ state, value, reports }: FinishedTrial, sign: 1 | -1): readonly number[] {
  if (state === "complete") return [0, sign * value!];
  if (reports.length === 0) return [2];
  const [step, last] = reports.reduce((latest, report) => report[0] > latest[0] ? report : latest);
  return [1, -step, last === null ? Infinity : sign * last];
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((part, i) => part !== b[i]);
  return at < 0 || b[at] === undefined ? 0 : a[at] < b[at] ? -1 : 1;
}
