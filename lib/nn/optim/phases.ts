/** The phases of a prototype network's training and the learning rates in each epoch. */

import { constantRate, type Schedule } from "./schedules.ts";

/** A phase of training; phases run in this order. */
export type Phase = "warmup" | "joint" | "fine_tune";

export interface PhasePlan {
  readonly epochs: Readonly<Record<Phase, number>>;
  /** Initial learning rates of each phase's groups. */
  readonly rates: Readonly<Record<Phase, readonly number[]>>;
  /**
   * The learning-rate schedule of the joint phase, by its epochs. The rates of the other phases are constant.
   */
  readonly jointSchedule: Schedule;
}

export interface PhaseEpoch {
  readonly phase: Phase;
  /** Counted from 0 within the phase. */
  readonly epoch: number;
  /** One learning rate per group. */
  readonly rates: readonly number[];
}

const ORDER: readonly Phase[] = ["warmup", "joint", "fine_tune"];

/**
 * The phase and the learning rates of `epoch`, counted from 0 over the whole training.
 *
 * @throws {RangeError} if the training has fewer epochs.
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
  throw new RangeError(
    `epoch ${epoch} (from 0) is past the end of the training, which has ${epochCount(plan)} epochs`,
  );
}

/** The total number of epochs of all phases. */
export function epochCount({ epochs }: PhasePlan): number {
  return ORDER.reduce((sum, phase) => sum + epochs[phase], 0);
}
