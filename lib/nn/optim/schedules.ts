/** Learning-rate schedules: the rate of an epoch as a function of the initial rate. */

/**
 * The rate used in an epoch.
 *
 * @param lr the initial rate of the group
 * @param epoch counted from 0
 * @param measured by epoch, the values measured after earlier epochs, for schedules that react to them; undefined where
 * nothing was measured
 */
export type Schedule = (lr: number, epoch: number, measured?: readonly (number | undefined)[]) => number;

/** The initial rate in every epoch. */
export const constantRate: Schedule = (lr) => lr;

/**
 * lr · γ^⌊epoch / stepSize⌋
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { stepRate } from "./schedules.ts";
 *
 * const schedule = stepRate({ stepSize: 5, gamma: 0.5 });
 * assert.deepEqual([0, 4, 5, 10].map((epoch) => schedule(0.1, epoch)), [0.1, 0.1, 0.05, 0.025]);
 * ```
 */
export function stepRate({ stepSize, gamma }: { stepSize: number; gamma: number }): Schedule {
  return (lr, epoch) => lr * gamma ** Math.floor(epoch / stepSize);
}

/** lr · γ^(number of milestones reached); a milestone listed twice counts twice. */
export function multiStepRate(
  { milestones, gamma }: { milestones: readonly number[]; gamma: number },
): Schedule {
  return (lr, epoch) => lr * gamma ** milestones.filter((milestone) => milestone <= epoch).length;
}

/** etaMin + (lr − etaMin)(1 + cos(π·epoch/tMax))/2, which rises again after tMax (Loshchilov and Hutter 2017). */
export function cosineRate({ tMax, etaMin = 0 }: { tMax: number; etaMin?: number }): Schedule {
  return (lr, epoch) => cosine(lr, etaMin, epoch / tMax);
}

/** Cosine annealing that restarts after t0 epochs, each period `tMult` times as long as the previous one. */
export function warmRestartsRate(
  { t0, tMult = 1, etaMin = 0 }: { t0: number; tMult?: number; etaMin?: number },
): Schedule {
  if (!(t0 > 0 && tMult >= 1)) {
    throw new RangeError(`warm restarts need t0 > 0 and tMult ≥ 1, but t0 is ${t0} and tMult is ${tMult}`);
  }
  return (lr, epoch) => {
    let period = t0;
    let within = epoch;
    while (within >= period) {
      within -= period;
      period *= tMult;
    }
    return cosine(lr, etaMin, within / period);
  };
}

/** Rises from startFactor · lr to lr in `epochs` epochs, in equal steps; then `schedule`, counted from there. */
export function warmedUp(
  schedule: Schedule,
  { epochs, startFactor }: { epochs: number; startFactor: number },
): Schedule {
  return (lr, epoch, measured) =>
    epoch < epochs
      ? lr * (startFactor + (1 - startFactor) * epoch / epochs)
      : schedule(lr, epoch - epochs, measured?.slice(epochs));
}

export interface PlateauOptions {
  readonly factor?: number;
  /** The number of measurements without improvement before the rate is reduced. */
  readonly patience?: number;
  /** Whether smaller or larger values are better. */
  readonly mode?: "min" | "max";
  /** The smallest relative improvement that counts. */
  readonly threshold?: number;
}

/** Smaller changes of the rate are not applied. */
const SMALLEST_CHANGE = 1e-8;

/** Multiplies the rate by `factor` if what is measured has not improved for more than `patience` measurements. */
export function plateauRate(
  { factor = 0.1, patience = 10, mode = "min", threshold = 1e-4 }: PlateauOptions = {},
): Schedule {
  const isBetter = (value: number, best: number) =>
    mode === "min" ? value < best * (1 - threshold) : value > best * (1 + threshold);
  return (lr, epoch, measured = []) => {
    if (measured.length < epoch) {
      throw new RangeError(
        `the rate of epoch ${epoch} needs what ${epoch} epochs gave, but ${measured.length} were given`,
      );
    }
    let best = mode === "min" ? Infinity : -Infinity;
    let waited = 0;
    for (const value of measured.slice(0, epoch)) {
      if (value === undefined) continue;
      if (isBetter(value, best)) [best, waited] = [value, 0];
      else waited++;
      if (waited > patience) {
        if (lr - lr * factor > SMALLEST_CHANGE) lr *= factor;
        waited = 0;
      }
    }
    return lr;
  };
}

/** From lr at progress 0 to etaMin at progress 1. */
function cosine(lr: number, etaMin: number, progress: number): number {
  return etaMin + (lr - etaMin) * (1 + Math.cos(Math.PI * progress)) / 2;
}
