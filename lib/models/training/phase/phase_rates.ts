/** The learning rates of a phase as data: initial rates and their schedule. */

import { constantRate } from "../../../nn/optim/schedules.ts";
import type { RateGroup } from "../../prototypes/prototype_model.ts";
import { scheduleOf, type ScheduleParam } from "./schedule_param.ts";

/** Learning rates of a phase. */
export interface PhaseRates {
  /**
   * The rates in the phase's first epoch: one for all groups, or one per rate name, to which groups refer.
   */
  readonly initial: number | Readonly<Record<string, number>>;
  /** The rule by which they change, counted in epochs of the phase. Without a schedule they are constant. */
  readonly schedule?: ScheduleParam;
}

/**
 * The learning rate of every group, by the group's name.
 *
 * @param epoch counted from 0 within the phase
 * @param measured by earlier epoch of the phase, what the schedule watches
 * @throws {RangeError} if the rate of a group is not given.
 */
export function ratesAt(
  groups: readonly Pick<RateGroup, "name" | "rate">[],
  { initial, schedule }: PhaseRates,
  epoch: number,
  measured?: readonly (number | undefined)[],
): Record<string, number> {
  const rateIn = schedule ? scheduleOf(schedule) : constantRate;
  return Object.fromEntries(groups.map(({ name, rate }) => {
    const value = typeof initial === "number" ? initial : initial[rate];
    if (value === undefined) {
      throw new RangeError(
        `the group "${name}" needs the learning rate "${rate}", but only ${Object.keys(initial)} are given`,
      );
    }
    return [name, rateIn(value, epoch, measured)];
  }));
}
