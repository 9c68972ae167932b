/**
 * The density of a numeric parameter over some trials: a mixture of normal distributions, one at each observed value and a
 * prior over the whole range, each cut off at the range's bounds.
 */

import { logNormalMass } from "./normal.ts";
import { type NumericDistribution, searchRange, valueAt } from "./space.ts";
import { type Density, drawIndex, logSumExp, NEGLIGIBLE } from "./estimate.ts";

/** With more observations than this the narrowest kernel gets no narrower. */
const MOST_NARROWING = 100;

/** The means, deviations and weights of the kernels, side by side. */
interface Kernels {
  readonly means: readonly number[];
  readonly deviations: readonly number[];
  readonly weights: readonly number[];
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
  const centres = given.log ? observed.map(Math.log) : observed;
  const kernels = {
    means: [...centres, (range.low + range.high) / 2],
    deviations: [...kernelWidths(centres, range), range.high - range.low],
    weights,
  };
  return {
    sample: (random) => {
      const kernel = drawIndex(weights, random);
      for (;;) {
        const at = random.normal(kernels.means[kernel], kernels.deviations[kernel]);
        // A kernel's centre lies within bounds at least one deviation apart, so that a third of all draws and more do.
        if (at >= range.low && at <= range.high) return valueAt(given, at);
      }
    },
    logDensity: given.step === undefined
      ? pointDensity(given, kernels)
      : cellDensity(given, given.step, distinct(kernels)),
  };
}

const LOG_ROOT_2PI = Math.log(2 * Math.PI) / 2;

/** The logarithm of each kernel's weight over its mass within the bounds. */
function logFactors(given: NumericDistribution, { means, deviations, weights }: Kernels): Float64Array {
  const { low, high } = searchRange(given);
  return Float64Array.from(
    means,
    (mean, i) =>
      Math.log(weights[i]) - logNormalMass((low - mean) / deviations[i], (high - mean) / deviations[i]),
  );
}

/** The density at a point; of a logarithmic range, that of the logarithm. */
function pointDensity(given: NumericDistribution, kernels: Kernels): (value: number) => number {
  const { means, deviations } = kernels;
  const factors = logFactors(given, kernels)
    .map((factor, i) => factor - LOG_ROOT_2PI - Math.log(deviations[i]));
  const inverses = Float64Array.from(deviations, (deviation) => 1 / deviation);
  const terms = new Float64Array(means.length);
  return (value) => {
    const at = given.log ? Math.log(value) : value;
    for (let i = 0; i < terms.length; i++) {
      const distance = (at - means[i]) * inverses[i];
      terms[i] = factors[i] - distance * distance / 2;
    }
    return logSumExp(terms);
  };
}

/** The probability of the cell around a value of a grid; that of equal values is computed once. */
function cellDensity(
  given: NumericDistribution,
  step: number,
  kernels: Kernels,
): (value: number) => number {
  const { means, deviations } = kernels;
  const factors = logFactors(given, kernels);
  const terms = new Float64Array(means.length);
  const known = new Map<number, number>();
  return (value) => {
    let density = known.get(value);
    if (density !== undefined) return density;
    const [low, high] = [value - step / 2, value + step / 2].map((bound) =>
      given.log ? Math.log(bound) : bound
    );
    // No kernel has more than this in the cell, which tells most of those that are far from it.
    let most = -Infinity;
    for (let i = 0; i < terms.length; i++) {
      const distance = Math.max(low - means[i], means[i] - high, 0) / deviations[i];
      terms[i] = factors[i] + Math.min(0, Math.log((high - low) / deviations[i]) - LOG_ROOT_2PI) -
        distance * distance / 2;
    }
    for (const i of [...terms.keys()].sort((a, b) => terms[b] - terms[a])) {
      if (terms[i] < most + NEGLIGIBLE) terms[i] = -Infinity;
      else {
        terms[i] = factors[i] +
          logNormalMass((low - means[i]) / deviations[i], (high - means[i]) / deviations[i]);
        most = Math.max(most, terms[i]);
      }
    }
    density = logSumExp(terms);
    known.set(value, density);
    return density;
  };
}

/** Equal kernels as one, with the sum of their weights. */
function distinct({ means, deviations, weights }: Kernels): Kernels {
  const merged = { means: [] as number[], deviations: [] as number[], weights: [] as number[] };
  const places = new Map<number, number[]>();
  means.forEach((mean, i) => {
    const same = places.get(mean)?.find((place) => merged.deviations[place] === deviations[i]);
    if (same !== undefined) {
      merged.weights[same] += weights[i];
      return;
    }
    places.set(mean, [...places.get(mean) ?? [], merged.means.length]);
    merged.means.push(mean);
    merged.deviations.push(deviations[i]);
    merged.weights.push(weights[i]);
  });
  return merged;
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
