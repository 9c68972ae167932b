/** The schedule of a phase's learning rates as a param, and as a function. */

import { z } from "zod";
import {
  cosineRate,
  multiStepRate,
  plateauRate,
  type Schedule,
  stepRate,
  warmedUp,
  warmRestartsRate,
} from "../../../nn/optim/schedules.ts";
import type { EpochRecord } from "../state/epoch_record.ts";

const epochs = z.int().positive();
const factor = z.number().positive();
const below1 = z.number().positive().lt(1);
/** The lowest rate, the same for all groups of parameters. */
const minimum = z.number().nonnegative().default(0);

const warmUp = {
  /** First, rates rise from `startFactor` of their initial values in equal steps; the schedule is counted from there. */
  warmUp: z.strictObject({ epochs, startFactor: z.number().min(0).max(1).default(0.1) }).optional(),
};

/** Rates are multiplied by `gamma` every `stepSize` epochs: the schedule of the study, which needs no name. */
export const stepSchedule = z.strictObject({
  name: z.literal("step").optional(),
  stepSize: epochs.default(35),
  gamma: factor.default(0.5),
  ...warmUp,
});

/** What a plateau can watch: figures of the log. */
const WATCHED = ["train.loss", "validation.loss", "validation.accuracy"] as const;

/** The param `schedule`: the rule by which all rates of a phase change from epoch to epoch. */
export const schedule = z.discriminatedUnion("name", [
  stepSchedule,
  /** Rates are multiplied by `gamma` at each of the epochs `milestones`, counted from 0 within the phase. */
  z.strictObject({
    name: z.literal("multi-step"),
    milestones: z.array(epochs).min(1),
    gamma: factor.default(0.1),
    ...warmUp,
  }),
  /** Rates fall to `minimum` along half a cosine of `epochs` epochs (Loshchilov and Hutter 2017). */
  z.strictObject({ name: z.literal("cosine"), epochs, minimum, ...warmUp }),
  /** The same again and again, each period `lengthen` times as long as the one before. */
  z.strictObject({
    name: z.literal("warm-restarts"),
    epochs,
    lengthen: z.int().positive().default(1),
    minimum,
    ...warmUp,
  }),
  /**
   * Rates are multiplied by `factor` where `watch` has not improved by the share `threshold` in more than `patience`
   * measurements. Figures of the held-out views are measured in epochs that are validated.
   */
  z.strictObject({
    name: z.literal("plateau"),
    watch: z.enum(WATCHED).default("validation.loss"),
    factor: below1.default(0.1),
    patience: z.int().nonnegative().default(10),
    threshold: z.number().nonnegative().default(1e-4),
    ...warmUp,
  }),
]);

/** A value of the param. */
export type ScheduleParam = z.output<typeof schedule>;

/** The schedule that a value of the param names. */
export function scheduleOf(given: ScheduleParam): Schedule {
  const main = mainSchedule(given);
  return given.warmUp === undefined ? main : warmedUp(main, given.warmUp);
}

function mainSchedule(given: ScheduleParam): Schedule {
  switch (given.name) {
    case undefined:
    case "step":
      return stepRate(given);
    case "multi-step":
      return multiStepRate(given);
    case "cosine":
      return cosineRate({ tMax: given.epochs, etaMin: given.minimum });
    case "warm-restarts":
      return warmRestartsRate({ t0: given.epochs, tMult: given.lengthen, etaMin: given.minimum });
    case "plateau":
      return plateauRate({ ...given, mode: given.watch === "validation.accuracy" ? "max" : "min" });
  }
}

/** What the schedule watches, in each of these epochs; undefined where it was not measured. */
export function measuredIn(
  records: readonly Pick<EpochRecord, "train" | "validation">[],
  given: ScheduleParam | undefined,
): (number | undefined)[] {
  if (given?.name !== "plateau") return [];
  const [of, figure] = given.watch.split(".") as ["train" | "validation", string];
  return records.map((record) => record[of]?.[figure]);
}

/** @throws {RangeError} if the schedule watches held-out views, and there are none. */
export function requireWatched(given: ScheduleParam | undefined, validation: string | undefined): void {
  if (given?.name !== "plateau" || validation !== undefined || given.watch === "train.loss") return;
  throw new RangeError(
    `the schedule watches ${given.watch}, but the task has no held-out views: give the input validation, or set ` +
      "schedule.watch to train.loss",
  );
}
