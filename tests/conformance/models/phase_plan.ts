/** The plan of a training from the reference's keys of learning rates and epochs. */

import type { PrototypeModel } from "../../../lib/models/prototypes/prototype_model.ts";
import type { Phase, PhasePlan } from "../../../lib/nn/optim/phases.ts";
import { stepRate } from "../../../lib/nn/optim/schedules.ts";
import type { Json } from "../case.ts";

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
  return {
    epochs: {
      warmup: epochs.warmup_epochs,
      joint: epochs.joint_epochs,
      fine_tune: epochs.fine_tune_epochs,
    },
    rates: { warmup: rates("warmup"), joint: rates("joint"), fine_tune: rates("fine_tune") },
    jointSchedule: stepRate({
      stepSize: config["joint_scheduler.step_size"],
      gamma: config["joint_scheduler.gamma"],
    }),
  };
}
