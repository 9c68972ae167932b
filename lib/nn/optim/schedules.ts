/** Learning-rate schedules: the rate of an epoch as a function of the initial rate. */

/**
 * The rate used in an epoch.
 *
 * @param lr the initial rate of the group
 * @param epoch counted from 0
 * @param metrics the values measured after earlier epochs, for schedules that react to them
 */
export type Schedule = (lr: number, epoch: number, metrics?: readonly number[]) => number;

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

/**
 * lr · γ^(number of milestones reached); a milestone listed twice counts twice.
 *
 * With `lastEpoch` L, epochs are counted from L + 1, and earlier milestones have no effect.
 */
export function multiStepRate(
  { milestones, gamma, lastEpoch = -1 }: { milestones: readonly number[]; gamma: number; lastEpoch?: number },
): Schedule {
  const start = lastEpoch + 1;
  return (lr, epoch) => {
    const reached = milestones.filter((milestone) => milestone >= start && milestone <= start + epoch);
    return lr * gamma ** reached.length;
  };
}

/** lr · γ^epoch */
export function exponentialRate({ gamma }: { gamma: number }): Schedule {
  return (lr, epoch) => lr * gamma ** epoch;
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

/** Rises from startFactor · lr to lr in totalEpochs epochs, in equal steps; then lr. */
export function linearRate(
  { startFactor, totalEpochs }: { startFactor: number; totalEpochs: number },
): Schedule {
  return (lr, epoch) => lr * (startFactor + (1 - startFactor) * Math.min(1, epoch / totalEpochs));
}

/** lr · min(1, (epoch + 1) / warmupEpochs) */
export function warmupRate({ warmupEpochs }: { warmupEpochs: number }): Schedule {
  return (lr, epoch) => lr * Math.min(1, (epoch + 1) / warmupEpochs);
}

/** (epoch + 1) / w of lr in the first w epochs, then half a cosine from lr down to 0 at epoch tMax. */
export function warmupHalfCosineRate(
  { warmupEpochs, tMax }: { warmupEpochs: number; tMax: number },
): Schedule {
  return (lr, epoch) =>
    epoch < warmupEpochs
      ? lr * (epoch + 1) / warmupEpochs
      : cosine(lr, 0, (epoch - warmupEpochs) / (tMax - warmupEpochs));
}

/** {@link linearRate} for warmupEpochs epochs, then {@link cosineRate} counted from there. */
export function linearThenCosineRate(
  { warmupEpochs, startFactor, tMax, etaMin }: {
    warmupEpochs: number;
    startFactor: number;
    tMax: number;
    etaMin?: number;
  },
): Schedule {
  const warmup = linearRate({ startFactor, totalEpochs: warmupEpochs });
  const annealing = cosineRate({ tMax, etaMin });
  return (lr, epoch) => epoch < warmupEpochs ? warmup(lr, epoch) : annealing(lr, epoch - warmupEpochs);
}

export interface PlateauOptions {
  readonly factor?: number;
  /** The number of epochs without improvement before the rate is reduced. */
  readonly patience?: number;
  /** Whether smaller or larger metrics are better. */
  readonly mode?: "min" | "max";
  /** The smallest relative improvement that counts. */
  readonly threshold?: number;
}

/** Smaller changes of the rate are not applied. */
const SMALLEST_CHANGE = 1e-8;

/** Multiplies the rate by `factor` if the metric has not improved for more than `patience` epochs. */
export function plateauRate(
  { factor = 0.1, patience = 10, mode = "min", threshold = 1e-4 }: PlateauOptions = {},
): Schedule {
  const isBetter = (metric: number, best: number) =>
    mode === "min" ? metric < best * (1 - threshold) : metric > best * (1 + threshold);
  return (lr, epoch, metrics = []) => {
    if (metrics.length < epoch) {
      throw new RangeError(
        `the rate of epoch ${epoch} needs ${epoch} metrics, but ${metrics.length} were given`,
      );
    }
    let best = mode === "min" ? Infinity : -Infinity;
    let waited = 0;
    for (const metric of metrics.slice(0, epoch)) {
      if (isBetter(metric, best)) [best, waited] = [metric, 0];
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
