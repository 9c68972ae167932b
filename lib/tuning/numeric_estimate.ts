/**
 * The density of a numeric parameter over some trials: a mixture of normal distributions, one at each observed value and a
 * prior over the whole range, each cut off at the range's bounds.
 */

import { logNormalMass } from "./normal.ts";
import { type NumericDistribution, searchRange, valueAt } from "./space.ts";
import { type Density, drawIndex, logSumExp } from "./estimate.ts";

/** With more observations than this the narrowest kernel gets no narrower. */
const MOST_NARROWING = 100;

interface Kernel {
  readonly mean: number;
  readonly deviation: number;
  /** The logarithm of its weight over its mass within the bounds. */
  readonly logFactor: number;
}

/**
 * @param observed values of earlier trials, in the order of the trials
 * @param weights of the observed values and, last, of the prior; their sum is 1
 */
export function numericEstimate(
  given: NumericDistribution,
  observed: readonly number[],
  weights: readonly number[],
): Density<number> {
  const range = searchRange(given);
  const means = given.log ? observed.map(Math.log) : observed;
  const width = range.high - range.low;
  const all = [...means, (range.low + range.high) / 2];
  const deviations = [...kernelWidths(means, range), width];
  const kernels = all.map((mean, i): Kernel => ({
    mean,
    deviation: deviations[i],
    logFactor: Math.log(weights[i]) -
      logNormalMass((range.low - mean) / deviations[i], (range.high - mean) / deviations[i]),
  }));
  return {
    sample: (random) => {
      const { mean, deviation } = kernels[drawIndex(weights, random)];
      for (;;) {
        const at = random.normal(mean, deviation);
        // A kernel's centre lies within bounds at least one deviation apart, so that a third of all draws and more do.
        if (at >= range.low && at <= range.high) return valueAt(given, at);
      }
    },
    logDensity: given.step === undefined
      ? pointDensity(given, kernels)
      : cellDensity(given, given.step, kernels),
  };
}

const LOG_ROOT_2PI = Math.log(2 * Math.PI) / 2;

/** The density at a point; of a logarithmic range, that of the logarithm. */
function pointDensity({ log }: NumericDistribution, kernels: readonly Kernel[]): (value: number) => number {
  const scaled = kernels.map(({ mean, deviation, logFactor }) => ({
    mean,
    inverse: 1 / deviation,
    factor: logFactor - LOG_ROOT_2PI - Math.log(deviation),
  }));
  return (value) => {
    const at = log ? Math.log(value) : value;
    return logSumExp(scaled, ({ mean, inverse, factor }) => {
      const distance = (at - mean) * inverse;
      return factor - distance * distance / 2;
    });
  };
}

/** The probability of the cell around a value of a grid; equal kernels and values are computed once. */
function cellDensity(
  { log }: NumericDistribution,
  step: number,
  kernels: readonly Kernel[],
): (value: number) => number {
  const distinct = new Map<string, Kernel>();
  for (const { mean, deviation, logFactor } of kernels) {
    const key = `${mean} ${deviation}`;
    const same = distinct.get(key);
    const factor = same ? addLogs(same.logFactor, logFactor) : logFactor;
    distinct.set(key, { mean, deviation, logFactor: factor });
  }
  const different = [...distinct.values()];
  const known = new Map<number, number>();
  return (value) => {
    let density = known.get(value);
    if (density !== undefined) return density;
    const [low, high] = [value - step / 2, value + step / 2].map((bound) => log ? Math.log(bound) : bound);
    density = logSumExp(
      different,
      ({ mean, deviation, logFactor }) =>
        logFactor + logNormalMass((low - mean) / deviation, (high - mean) / deviation),
    );
    known.set(value, density);
    return density;
  };
}

function addLogs(a: number, b: number): number {
  const most = Math.max(a, b);
  return most + Math.log(Math.exp(a - most) + Math.exp(b - most));
}

/** The larger gap of each value to its neighbours, within limits. With two values and more the bounds are no neighbours. */
function kernelWidths(
  means: readonly number[],
  { low, high }: { low: number; high: number },
): number[] {
  const order = means.map((_, i) => i).sort((a, b) => means[a] - means[b]);
  const narrowest = (high - low) / Math.min(MOST_NARROWING, means.length + 2);
  const widths = new Array<number>(means.length);
  order.forEach((index, place) => {
    const before = place > 0 ? means[index] - means[order[place - 1]] : undefined;
    const after = place < order.length - 1 ? means[order[place + 1]] - means[index] : undefined;
    const gap = before === undefined && after === undefined
      ? Math.max(means[index] - low, high - means[index])
      : Math.max(before ?? 0, after ?? 0);
    widths[index] = Math.min(Math.max(gap, narrowest), high - low);
  });
  return widths;
}
