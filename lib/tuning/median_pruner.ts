/** The median rule: a trial whose best value so far is worse than the median of the others at the same step is cut short. */

import { z } from "zod";
import type { Direction, FinishedTrial, Reports } from "./trial.ts";

/** When the rule applies. */
export const medianPruner = z.strictObject({
  /** Complete trials before the rule applies. */
  startupTrials: z.int().nonnegative().default(5),
  /** The first step at which a trial may be cut short. */
  warmupSteps: z.int().nonnegative().default(0),
  /** The number of steps from one decision to the next. */
  intervalSteps: z.int().positive().default(1),
});

export type MedianPruner = z.output<typeof medianPruner>;

/**
 * Whether the trial should end after the last of its reports.
 *
 * @param running the reports of the trial, in order of their steps
 * @param trials the others; only complete ones count
 */
export function shouldPrune(
  { startupTrials, warmupSteps, intervalSteps }: MedianPruner,
  running: Reports,
  trials: readonly FinishedTrial[],
  direction: Direction,
): boolean {
  const complete = trials.filter(({ state }) => state === "complete");
  const last = running.at(-1);
  if (complete.length === 0 || complete.length < startupTrials || !last) return false;
  const [step] = last;
  if (step < warmupSteps) return false;
  const intervalStart = step - (step - warmupSteps) % intervalSteps;
  const isFirstInInterval = running.every(([earlier]) => earlier === step || earlier < intervalStart);
  if (!isFirstInInterval) return false;
  const values = running.flatMap(([, value]) => value ?? []);
  if (values.length === 0) return true;
  const rivals = complete.flatMap(({ reports }) => reports.find(([at]) => at === step)?.[1] ?? []);
  if (rivals.length === 0) return false;
  return direction === "maximize"
    ? Math.max(...values) < median(rivals)
    : Math.min(...values) > median(rivals);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
