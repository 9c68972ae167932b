/** The learning rates of a phase as data: one for all of its groups or one by name, and how they fall. */

import { constantRate, stepRate } from "../../../nn/optim/schedules.ts";
import type { RateGroup } from "../../prototypes/prototype_model.ts";

/** Learning rates of a phase. */
export interface PhaseRates {
  /** In the phase's first epoch: that of all groups, or each by the name that groups refer to. */
  readonly initial: number | Readonly<Record<string, number>>;
  /** The rates are multiplied by `gamma` every `stepSize` epochs of the phase; without it they stay. */
  readonly schedule?: { readonly stepSize: number; readonly gamma: number };
}

/**
 * The rate of every group, by the group's name.
 *
 * @param epoch counted from 0 within the phase
 * @throws {RangeError} naming a group whose rate is not given.
 */
export function ratesAt(
  groups: readonly Pick<RateGroup, "name" | "rate">[],
  { initial, schedule }: PhaseRates,
  epoch: number,
): Record<string, number> {
  const fall = schedule ? stepRate(schedule) : constantRate;
  return Object.fromEntries(groups.map(({ name, rate }) => {
    const value = typeof initial === "number" ? initial : initial[rate];
    if (value === undefined) {
      throw new RangeError(
        `the group "${name}" needs the learning rate "${rate}", but ${Object.keys(initial)} are given`,
      );
    }
    return [name, fall(value, epoch)];
  }));
}
