/** What a trial of a search tries: a value for each parameter, by a sampler. */

import { z } from "zod";
import { RandomStream } from "../tensor/random.ts";
import { gridAssignment } from "./grid.ts";
import {
  allows,
  type ParameterDistribution,
  type ParameterValues,
  searchRange,
  type SearchSpace,
  type Value,
  valueAt,
} from "./space.ts";
import { lessonOf, suggestTpe } from "./tpe.ts";
import { type Direction, type FinishedTrial, learnable } from "./trial.ts";

/** How values are chosen. */
export const sampler = z.discriminatedUnion("name", [
  z.strictObject({
    name: z.literal("tpe"),
    /** Complete and pruned trials before the sampler learns from them; until then values are drawn. */
    startupTrials: z.int().positive().default(10),
  }),
  z.strictObject({ name: z.literal("random") }),
  /** Every combination once; the last parameter of the space turns fastest. */
  z.strictObject({ name: z.literal("grid") }),
]);

export type Sampler = z.output<typeof sampler>;

/** A trial that is to begin, and what it may learn from. */
export interface NextTrial {
  readonly space: SearchSpace;
  readonly sampler: Sampler;
  readonly direction: Direction;
  readonly seed: number;
  /** Its place in the search, from 0. */
  readonly trial: number;
  /** What the first trials try. */
  readonly first?: readonly ParameterValues[];
  /** Earlier trials, in any order. */
  readonly earlier: readonly FinishedTrial[];
}

/**
 * The values of the trial. They depend on nothing but the argument: each parameter is drawn from a stream of its own.
 *
 * @throws RangeError where a grid has no end, or fewer combinations than there are trials, or the values to try first are
 *   not of the space
 */
export function suggest(
  { space, sampler, direction, seed, trial, first = [], earlier }: NextTrial,
): ParameterValues {
  if (trial < first.length) return requireOfSpace(first[trial], space, trial);
  if (sampler.name === "grid") return gridAssignment(space, trial);
  const learns = sampler.name === "tpe" && learnable(earlier).length >= sampler.startupTrials;
  const lesson = learns ? lessonOf(earlier, direction) : undefined;
  return Object.fromEntries(
    Object.entries(space).map(([name, given]) => {
      const random = new RandomStream({ seed, purpose: `suggest ${name}`, index: trial });
      return [name, lesson ? suggestTpe(name, given, lesson, random) : drawn(given, random)];
    }),
  );
}

function requireOfSpace(values: ParameterValues, space: SearchSpace, trial: number): ParameterValues {
  const odd = Object.keys(values).find((name) => !Object.hasOwn(space, name));
  const wrong = Object.keys(space).find((name) =>
    !Object.hasOwn(values, name) || !allows(space[name], values[name])
  );
  const name = odd ?? wrong;
  if (name === undefined) return values;
  throw new RangeError(
    `first.${trial} gives ${name} the value ${JSON.stringify(values[name])}; expected ` +
      (odd === undefined ? JSON.stringify(space[name]) : `no more than ${Object.keys(space).join(", ")}`),
  );
}

/** Evenly from the range, from its logarithms, or from the choices. */
function drawn(given: ParameterDistribution, random: RandomStream): Value {
  if (given.type === "categorical") {
    return given.choices[Math.floor(random.uniform() * given.choices.length)];
  }
  const { low, high } = searchRange(given);
  return valueAt(given, random.uniform(low, high));
}
