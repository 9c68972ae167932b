/** Functions of which the importance of each parameter is known, for bench/importance.ts and the tests. */

import { type ParameterValues, type SearchSpace, space } from "../lib/tuning/space.ts";
import { suggest } from "../lib/tuning/suggest.ts";
import type { FinishedTrial } from "../lib/tuning/trial.ts";

/** A function with the shares of its variance that its parameters explain by themselves (first-order indices of Sobol). */
export interface KnownImportance {
  readonly space: SearchSpace;
  readonly shares: Readonly<Record<string, number>>;
  value(x: ParameterValues): number;
}

const range = (low: number, high: number) => ({ type: "float", low, high }) as const;

/** In each the parameters are in the order of their importance. */
export const KNOWN_IMPORTANCES: Readonly<Record<string, KnownImportance>> = {
  sum: {
    space: space.parse({ a: range(0, 1), b: range(0, 1), c: range(0, 1) }),
    shares: { a: 16 / 21, b: 4 / 21, c: 1 / 21 },
    value: (x) => 4 * number(x, "a") + 2 * number(x, "b") + number(x, "c"),
  },
  // Ishigami and Homma, 1990, with 7 and 0.1: c matters together with b alone.
  ishigami: {
    space: space.parse({
      a: range(-Math.PI, Math.PI),
      b: range(-Math.PI, Math.PI),
      c: range(-Math.PI, Math.PI),
    }),
    shares: { a: 0.4424, b: 0.3139, c: 0 },
    value: (x) =>
      Math.sin(number(x, "b")) * (1 + 0.1 * number(x, "c") ** 4) + 7 * Math.sin(number(x, "a")) ** 2,
  },
  // Variances 2, 0.09 · 99 / 12 and 0.04 · 16 / 12.
  mixed: {
    space: space.parse({
      choice: { type: "categorical", choices: ["low", "high", "none"] },
      count: { type: "int", low: 1, high: 10 },
      rate: { type: "float", low: 1e-4, high: 1, log: true },
    }),
    shares: { choice: 2 / 2.7958, count: 0.7425 / 2.7958, rate: 0.0533 / 2.7958 },
    value: (x) =>
      (x.choice === "high" ? 3 : 0) + 0.3 * number(x, "count") + 0.2 * Math.log10(number(x, "rate")),
  },
};

/** Complete trials at random places. */
export function randomTrials(
  { space, value }: KnownImportance,
  count: number,
  seed: number,
): FinishedTrial[] {
  return Array.from({ length: count }, (_, trial) => {
    const assignment = suggest({
      space,
      sampler: { name: "random" },
      direction: "minimize",
      seed,
      trial,
      earlier: [],
    });
    return { trial, state: "complete", assignment, value: value(assignment), reports: [] };
  });
}

const number = (x: ParameterValues, name: string) => x[name] as number;
