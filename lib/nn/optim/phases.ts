/** The phases of a prototype network's training and the learning rates in each of their epochs. */

import { constantRate, type Schedule } from "./schedules.ts";

/** A phase of training; they run in this order. */
export type Phase = "warmup" | "joint" | "fine_tune";

export interface PhasePlan {
  readonly epochs: Readonly<Record<Phase, number>>;
  /** Initial rates of each phase's groups. */
  readonly rates: Readonly<Record<Phase, readonly number[]>>;
  /** The joint phase's schedule, by epochs of that phase. The rates of the other phases are constant. */
  readonly jointSchedule: Schedule;
}

export interface PhaseEpoch {
  readonly phase: Phase;
  /** Counted from 0 within the phase. */
  readonly epoch: number;
  /** One a group. */
  readonly rates: readonly number[];
}

const ORDER: readonly Phase[] = ["warmup", "joint", "fine_tune"];

/**
 * Where `epoch`, counted from 0 over the whole training, lies.
 *
 * @throws {RangeError} when the training has fewer epochs.
 */
export function phaseEpoch(plan: PhasePlan, epoch: number): PhaseEpoch {
  let within = epoch;
  for (const phase of ORDER) {
    const count = plan.epochs[phase];
    if (within < count) {
      const schedule = phase === "joint" ? plan.jointSchedule : constantRate;
      return { phase, epoch: within, rates: plan.rates[phase].map((lr) => schedule(lr, within)) };
    }
    within -= count;
  }
  throw new RangeError(`epoch ${epoch} is past the end of the training, which has ${epochCount(plan)}`);
}

/** The epochs of all phases together. */
export function epochCount({ epochs }: PhasePlan): number {
  return ORDER.reduce((sum, phase) => sum + epochs[phase], 0);
}
