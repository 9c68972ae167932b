/** The learning rates of a phase as data: initial rates and their schedule. */

import { constantRate, stepRate } from "../../../nn/optim/schedules.ts";
import type { RateGroup } from "../../prototypes/prototype_model.ts";

/** Learning rates of a phase. */
export interface PhaseRates {
  /**
   * The rates in the phase's first epoch: one for all groups, or one per rate name, to which groups refer.
   */
  readonly initial: number | Readonly<Record<string, number>>;
  /**
   * The rates are multiplied by `gamma` every `stepSize` epochs of the phase. Without a schedule they are
   * constant.
   */
  readonly schedule?: { readonly stepSize: number; readonly gamma: number };
}

/**
 * The learning rate of every group, by the group's name.
 *
 * @param epoch counted from 0 within the phase
 * @throws {RangeError} if the rate of a group is not given.
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
        `the group "${name}" needs the learning rate "${rate}", but only ${Object.keys(initial)} are given`,
      );
    }
    return [name, fall(value, epoch)];
  }));
}
