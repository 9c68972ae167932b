/** The probabilities of a parameter's choices over some trials, with a prior that spreads over all of them. */

import { type Density, drawIndex } from "./estimate.ts";
import type { Value } from "./space.ts";

/**
 * A mixture of one distribution a trial, which favours the choice of that trial, and the uniform one as the prior.
 *
 * @param observed choices of earlier trials, in the order of the trials
 * @param weights of the observed choices and, last, of the prior; their sum is 1
 */
export function categoricalEstimate(
  choices: readonly Value[],
  observed: readonly Value[],
  weights: readonly number[],
): Density<Value> {
  const everywhere = 1 / (observed.length + 1);
  const whole = 1 + choices.length * everywhere;
  const favoured = choices.map(() => 0);
  let sum = 0;
  observed.forEach((value, i) => {
    favoured[choices.indexOf(value)] += weights[i];
    sum += weights[i];
  });
  const probabilities = favoured.map((weight) =>
    weights[observed.length] / choices.length + (sum * everywhere + weight) / whole
  );
  return {
    sample: (random) => choices[drawIndex(probabilities, random)],
    logDensity: (value) => Math.log(probabilities[choices.indexOf(value)]),
  };
}
