/** The plan of a training from the reference's keys of learning rates and epochs. */

import type { PrototypeModel } from "../../../lib/models/prototypes/prototype_model.ts";
import { type PhaseRates, ratesAt } from "../../../lib/models/training/phase/phase_rates.ts";
import type { Phase } from "../../../lib/nn/optim/phases.ts";
import type { Json } from "../case.ts";

/** The phases in their order. */
export const PHASES: readonly Phase[] = ["warmup", "joint", "fine_tune"];

/** A training of the reference, which counts its epochs through all phases. */
export interface PhasePlan {
  readonly epochs: Readonly<Record<Phase, number>>;
  /** Initial learning rates of each phase's groups. */
  readonly rates: Readonly<Record<Phase, readonly number[]>>;
  readonly jointSchedule: PhaseRates["schedule"];
}

/** The key of a group's learning rate. */
export function rateKey(phase: Phase, rate: string): string {
  if (phase === "joint") return `joint_optimizer_lr.${rate}`;
  return phase === "warmup" ? "warm_optimizer_lr" : "fine_tune_optimizer_lr";
}

/**
 * @param epochs with `warmup_epochs`, `joint_epochs` and `fine_tune_epochs`
 * @param config with the learning rates and the step of the schedule
 */
export function phasePlan(model: PrototypeModel, epochs: Json, config: Json): PhasePlan {
  const rates = (phase: Phase) => model.groups(phase).map(({ rate }) => config[rateKey(phase, rate)]);
  return planOf(epochs, config, {
    warmup: rates("warmup"),
    joint: rates("joint"),
    fine_tune: rates("fine_tune"),
  });
}

/** {@link phasePlan} with given rates. */
export function planOf(epochs: Json, config: Json, rates: PhasePlan["rates"]): PhasePlan {
  return {
    epochs: {
      warmup: epochs.warmup_epochs,
      joint: epochs.joint_epochs,
      fine_tune: epochs.fine_tune_epochs,
    },
    rates,
    jointSchedule: {
      stepSize: config["joint_scheduler.step_size"],
      gamma: config["joint_scheduler.gamma"],
    },
  };
}

/** The rates of a phase's groups in one of its epochs, as its task has them. */
export function ratesIn({ rates, jointSchedule }: PhasePlan, phase: Phase, epoch: number): number[] {
  const groups = rates[phase].map((_, i) => ({ name: String(i), rate: String(i) }));
  const initial = Object.fromEntries(rates[phase].map((rate, i) => [i, rate]));
  const schedule = phase === "joint" ? jointSchedule : undefined;
  const found = ratesAt(groups, { initial, schedule }, epoch);
  return groups.map(({ name }) => found[name]);
}

/** The phase and the rates of every epoch of the training. */
export function epochsOf(plan: PhasePlan): { phase: Phase; rates: number[] }[] {
  return PHASES.flatMap((phase) =>
    Array.from({ length: plan.epochs[phase] }, (_, epoch) => ({ phase, rates: ratesIn(plan, phase, epoch) }))
  );
}
