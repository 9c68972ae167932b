/** What a search did not have to compute, as far as the results of its trials say. */

import type { FinishedTrial } from "./trial.ts";

/** The steps that pruned trials left out. */
export interface StepSavings {
  /** The last step of complete trials. */
  readonly whole: number;
  /** Of all pruned trials together, the steps from their last to the last of complete ones. */
  readonly saved: number;
}

/** The last step that a trial reported; undefined where it reported nothing. */
export function lastStep({ reports }: FinishedTrial): number | undefined {
  return reports.length === 0 ? undefined : Math.max(...reports.map(([step]) => step));
}

/** Undefined where no trial was pruned, or no complete one says how many steps there are. */
export function stepSavings(trials: readonly FinishedTrial[]): StepSavings | undefined {
  const ends = (state: FinishedTrial["state"]) =>
    trials.filter((trial) => trial.state === state).flatMap((trial) => lastStep(trial) ?? []);
  const [complete, pruned] = [ends("complete"), ends("pruned")];
  if (complete.length === 0 || pruned.length === 0) return undefined;
  const whole = Math.max(...complete);
  return { whole, saved: pruned.reduce((sum, step) => sum + Math.max(0, whole - step), 0) };
}

/** The trials that tried the values of an earlier one, whose work they share. */
export function repeatedTrials(trials: readonly FinishedTrial[]): FinishedTrial[] {
  const tried = new Set<string>();
  return trials.filter(({ assignment }) => {
    const values = JSON.stringify(Object.entries(assignment).sort(([a], [b]) => a < b ? -1 : 1));
    const isKnown = tried.has(values);
    tried.add(values);
    return isKnown;
  });
}
