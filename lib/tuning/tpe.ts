/**
 * The tree-structured Parzen estimator, each parameter by itself: of values drawn from the density of the better trials, that
 * which is most likely there in comparison with the other trials (Bergstra et al., 2011; as in Optuna's TPESampler).
 */

import type { RandomStream } from "../tensor/random.ts";
import { categoricalEstimate } from "./categorical_estimate.ts";
import { type Estimate, trialWeights } from "./estimate.ts";
import { numericEstimate } from "./numeric_estimate.ts";
import { allows, type Distribution, type Value } from "./space.ts";
import { type Direction, type FinishedTrial, learnable, split } from "./trial.ts";

/** Values that are drawn and compared. */
const CANDIDATES = 24;

/** The share of trials that counts as the better ones, and the most of them. */
const BETTER_SHARE = 0.1;
const MOST_BETTER = 25;

/** The densities of one parameter over the better trials and over the others. */
export interface TwoEstimates {
  readonly better: Estimate<Value>;
  readonly others: Estimate<Value>;
  /** The better trials, by their place in the search. */
  readonly betterTrials: readonly FinishedTrial[];
}

/** The densities that {@link suggestTpe} compares. Trials in which the parameter had no allowed value are left out. */
export function estimates(
  name: string,
  given: Distribution,
  trials: readonly FinishedTrial[],
  direction: Direction,
): TwoEstimates {
  const known = learnable(trials);
  const count = Math.min(Math.ceil(BETTER_SHARE * known.length), MOST_BETTER);
  const { better, others } = split(known, count, direction);
  return {
    better: estimateOf(name, given, better),
    others: estimateOf(name, given, others),
    betterTrials: better,
  };
}

/** A value for the parameter `name`, learned from `trials`. */
export function suggestTpe(
  name: string,
  given: Distribution,
  trials: readonly FinishedTrial[],
  direction: Direction,
  random: RandomStream,
): Value {
  const { better, others } = estimates(name, given, trials, direction);
  let [best, bestScore] = [better.sample(random), -Infinity];
  for (let i = 0; i < CANDIDATES; i++) {
    const candidate = i === 0 ? best : better.sample(random);
    const score = better.logDensity(candidate) - others.logDensity(candidate);
    if (score > bestScore) [best, bestScore] = [candidate, score];
  }
  return best;
}

function estimateOf(name: string, given: Distribution, trials: readonly FinishedTrial[]): Estimate<Value> {
  const observed = trials.flatMap(({ assignment }) =>
    Object.hasOwn(assignment, name) && allows(given, assignment[name]) ? [assignment[name]] : []
  );
  const weights = trialWeights(observed.length);
  return given.type === "categorical"
    ? categoricalEstimate(given.choices, observed, weights)
    : numericEstimate(given, observed as number[], weights) as Estimate<Value>;
}
