/**
 * The importance of parameters by a functional analysis of variance of a random forest (Hutter, Hoos and Leyton-Brown, "An
 * Efficient Approach for Assessing Hyperparameter Importance", ICML 2014).
 */

import { RandomStream } from "../tensor/random.ts";
import { type Leaf, treeLeaves } from "./regression_tree.ts";
import { allows, type ParameterDistribution, searchRange, type SearchSpace, type Value } from "./space.ts";
import type { FinishedTrial } from "./trial.ts";

/** The number of trees, as in Optuna's FanovaImportanceEvaluator. */
const TREES = 64;

/**
 * By parameter, the share from 0 to 1 of the variance of the objective over the space that the parameter explains by itself.
 * What is missing from 1 is explained by parameters together. The objective between the trials is what a random forest
 * says; a logarithmic range is weighed by its logarithms, as it is searched.
 *
 * @returns undefined where fewer than two complete trials of the space differ in their objective
 */
export function importances(
  space: SearchSpace,
  trials: readonly FinishedTrial[],
): Record<string, number> | undefined {
  const names = Object.keys(space);
  const complete = trials.filter(({ state, assignment }) =>
    state === "complete" &&
    names.every((name) => Object.hasOwn(assignment, name) && allows(space[name], assignment[name]))
  );
  const values = complete.map(({ value }) => value!);
  if (new Set(values).size < 2) return undefined;
  const columns = names.map((name) =>
    placesOf(space[name], complete.map(({ assignment }) => assignment[name]), values)
  );
  const points = complete.map((_, i) => columns.map((column) => column[i]));
  const shares = Array.from({ length: TREES }, (_, tree) => {
    const random = new RandomStream({ seed: 0, purpose: "importance", index: tree });
    const drawn = points.map(() => Math.floor(random.uniform() * points.length));
    const sample = { points: drawn.map((i) => points[i]), values: drawn.map((i) => values[i]) };
    return varianceShares(treeLeaves(sample, random), names.length);
  }).filter((found) => found !== undefined);
  if (shares.length === 0) return undefined;
  return Object.fromEntries(
    names.map((name, at) => [name, shares.reduce((sum, share) => sum + share[at], 0) / shares.length]),
  );
}

/**
 * Places from 0 to 1. Numbers lie where they are searched; choices side by side, in the order of their mean objective, so
 * that the best split into two sets of choices is one at a place (Fisher, 1958).
 */
function placesOf(
  given: ParameterDistribution,
  tried: readonly Value[],
  values: readonly number[],
): readonly number[] {
  if (given.type !== "categorical") {
    const { low, high } = searchRange(given);
    const scaled = (value: number) => given.log ? Math.log(value) : value;
    return tried.map((value) => high > low ? (scaled(value as number) - low) / (high - low) : 0.5);
  }
  const mean = (choice: Value) => {
    const own = values.filter((_, i) => tried[i] === choice);
    return own.length > 0 ? own.reduce((sum, value) => sum + value, 0) / own.length : Infinity;
  };
  const means = new Map(given.choices.map((choice) => [choice, mean(choice)]));
  const order = given.choices.toSorted((a, b) => {
    const [first, second] = [means.get(a)!, means.get(b)!];
    return first < second ? -1 : first > second ? 1 : 0;
  });
  return tried.map((value) => (order.indexOf(value) + 0.5) / order.length);
}

/** The share of a tree's variance that each dimension explains by itself; undefined for a tree that is constant. */
function varianceShares(leaves: readonly Leaf[], dimensions: number): number[] | undefined {
  const volumes = leaves.map(({ low, high }) => low.reduce((volume, at, i) => volume * (high[i] - at), 1));
  const mean = leaves.reduce((sum, { value }, i) => sum + volumes[i] * value, 0);
  const variance = leaves.reduce((sum, { value }, i) => sum + volumes[i] * (value - mean) ** 2, 0);
  if (!(variance > 0)) return undefined;
  return Array.from(
    { length: dimensions },
    (_, at) => marginalVariance(leaves, volumes, at, mean) / variance,
  );
}

/** The variance of the mean over all dimensions but one. */
function marginalVariance(
  leaves: readonly Leaf[],
  volumes: readonly number[],
  dimension: number,
  mean: number,
): number {
  const steps = new Map<number, number>();
  leaves.forEach(({ value, low: { [dimension]: low }, high: { [dimension]: high } }, i) => {
    const height = value * volumes[i] / (high - low);
    steps.set(low, (steps.get(low) ?? 0) + height);
    steps.set(high, (steps.get(high) ?? 0) - height);
  });
  const ascending = [...steps].sort(([a], [b]) => a - b);
  let [height, variance] = [0, 0];
  ascending.slice(0, -1).forEach(([at, step], i) => {
    height += step;
    variance += (ascending[i + 1][0] - at) * (height - mean) ** 2;
  });
  return variance;
}
