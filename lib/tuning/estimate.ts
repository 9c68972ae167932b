/** The density of one parameter's values over some trials, and the weights of these trials. */

import type { RandomStream } from "../tensor/random.ts";

/** A density that can be drawn from. */
export interface Density<Value> {
  sample(random: RandomStream): Value;
  /** The logarithm of the density; of a grid and of choices, of the probability. */
  logDensity(value: Value): number;
}

/** The newest trials that have the full weight. */
const NEWEST = 25;

/**
 * The weights of `count` trials, in their order, and of the prior after them; their sum is 1. The newest 25 trials and the
 * prior weigh the same, and older trials less: from 1/count for the oldest, in equal steps.
 */
export function trialWeights(count: number): number[] {
  const older = Math.max(0, count - NEWEST);
  const ramp = Array.from(
    { length: older },
    (_, i) => older === 1 ? 1 / count : 1 / count + i * (1 - 1 / count) / (older - 1),
  );
  const weights = [...ramp, ...new Array<number>(count - older + 1).fill(1)];
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** So far below the largest term of a sum of exponentials others don't change it, unless there are millions. */
export const NEGLIGIBLE = -50;

/** log Σ exp(term), without overflow. */
export function logSumExp(terms: Float64Array): number {
  let most = -Infinity;
  for (let i = 0; i < terms.length; i++) if (terms[i] > most) most = terms[i];
  if (most === -Infinity) return -Infinity;
  let sum = 0;
  for (let i = 0; i < terms.length; i++) {
    const below = terms[i] - most;
    if (below > NEGLIGIBLE) sum += Math.exp(below);
  }
  return most + Math.log(sum);
}

/** An index drawn with the given probabilities. */
export function drawIndex(weights: readonly number[], random: RandomStream): number {
  let left = random.uniform();
  for (let i = 0; i < weights.length - 1; i++) {
    left -= weights[i];
    if (left < 0) return i;
  }
  return weights.length - 1;
}
