/**
 * The tree-structured Parzen estimator, each parameter by itself: of values drawn from the density of the better trials, that
 * which is most likely there in comparison with the other trials (Bergstra et al., 2011; as in Optuna's TPESampler).
 */

import type { RandomStream } from "../tensor/random.ts";
import { categoricalEstimate } from "./categorical_estimate.ts";
import { type Density, trialWeights } from "./estimate.ts";
import { numericEstimate } from "./numeric_estimate.ts";
import { allows, type ParameterDistribution, type Value } from "./space.ts";
import { type Direction, type FinishedTrial, learnable, split } from "./trial.ts";

/** Values that are drawn and compared. */
const CANDIDATES = 24;

/** The share of trials that counts as the better ones, and the most of them. */
const BETTER_SHARE = 0.1;
const MOST_BETTER = 25;

/** The trials to learn from, in the order of the search. */
export interface Lesson {
  readonly better: readonly FinishedTrial[];
  readonly others: readonly FinishedTrial[];
}

/** Parts the trials that a sampler learns from into the better tenth, at most 25, and the others. */
export function lessonOf(trials: readonly FinishedTrial[], direction: Direction): Lesson {
  const known = learnable(trials);
  return split(known, Math.min(Math.ceil(BETTER_SHARE * known.length), MOST_BETTER), direction);
}

/** A value for the parameter `name`, drawn by what `lesson` teaches. */
export function suggestTpe(
  name: string,
  given: ParameterDistribution,
  lesson: Lesson,
  random: RandomStream,
): Value {
  const better = estimateOf(name, given, lesson.better);
  const others = estimateOf(name, given, lesson.others);
  let [best, bestScore] = [better.sample(random), -Infinity];
  for (let i = 0; i < CANDIDATES; i++) {
    const candidate = i === 0 ? best : better.sample(random);
    const score = better.logDensity(candidate) - others.logDensity(candidate);
    if (score > bestScore) [best, bestScore] = [candidate, score];
  }
  return best;
}

/** The density of the parameter over `trials`. Those in which it had no value that the space allows are left out. */
export function estimateOf(
  name: string,
  given: ParameterDistribution,
  trials: readonly FinishedTrial[],
): Density<Value> {
  const observed = trials.flatMap(({ assignment }) =>
    Object.hasOwn(assignment, name) && allows(given, assignment[name]) ? [assignment[name]] : []
  );
  const weights = trialWeights(observed.length);
  return given.type === "categorical"
    ? categoricalEstimate(given.choices, observed, weights)
    : numericEstimate(given, observed as number[], weights) as Density<Value>;
}
