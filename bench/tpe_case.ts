/** The spaces, trials and objectives on which bench/tpe.ts compares two samplers. */

import { RandomStream } from "../lib/tensor/random.ts";
import { distribution, type ParameterValues, type SearchSpace } from "../lib/tuning/space.ts";
import { suggest } from "../lib/tuning/suggest.ts";
import type { FinishedTrial } from "../lib/tuning/trial.ts";

const of = (given: Parameters<typeof distribution.parse>[0]) => distribution.parse(given);
const range = (low: number, high: number) => of({ type: "float", low, high });

/**
 * One parameter each, of every sort there is. The steps are small, so that hardly any two trials have one value: of 25 and
 * more trials, whose weights differ, Optuna's kernels at equal values depend on the order in which NumPy's sort leaves them.
 */
export const SPACES: Readonly<Record<string, SearchSpace>> = {
  float: { x: range(-2, 5) },
  "log float": { x: of({ type: "float", low: 1e-5, high: 3e-3, log: true }) },
  "float by steps": { x: of({ type: "float", low: 0, high: 1, step: 0.001 }) },
  int: { x: of({ type: "int", low: 1, high: 60 }) },
  "log int": { x: of({ type: "int", low: 1, high: 512, log: true }) },
  categorical: { x: of({ type: "categorical", choices: ["a", "b", "c", "d", "e"] }) },
};

/** `complete` trials with drawn values and objectives, and `pruned` ones with some reports. */
export function drawnTrials(
  space: SearchSpace,
  complete: number,
  pruned: number,
  seed: number,
): FinishedTrial[] {
  const random = new RandomStream({ seed, purpose: "objectives" });
  return Array.from({ length: complete + pruned }, (_, trial): FinishedTrial => {
    const isComplete = trial >= pruned;
    const drawn = suggest({
      space,
      sampler: { name: "random" },
      direction: "maximize",
      seed,
      trial,
      earlier: [],
    });
    const value = random.uniform();
    return {
      trial,
      state: isComplete ? "complete" : "pruned",
      assignment: drawn,
      value: isComplete ? value : null,
      reports: isComplete ? [] : [[trial % 3, value]],
    };
  });
}

/** A function to minimise, and the least value that it takes. */
export interface Objective {
  readonly space: SearchSpace;
  readonly least: number;
  value(x: ParameterValues): number;
}

const HARTMANN_WIDTHS = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
];
const HARTMANN_PLACES = [
  [1312, 1696, 5569, 124, 8283, 5886],
  [2329, 4135, 8307, 3736, 1004, 9991],
  [2348, 1451, 3522, 2883, 3047, 6650],
  [4047, 8828, 8732, 5743, 1091, 381],
];
const HARTMANN_HEIGHTS = [1, 1.2, 3, 3.2];

const numbers = (x: ParameterValues) => Object.values(x).map(Number);

export const OBJECTIVES: Readonly<Record<string, Objective>> = {
  branin: {
    space: { x: range(-5, 10), y: range(0, 15) },
    least: 0.397887357729739,
    value: (at) => {
      const [x, y] = numbers(at);
      const valley = y - 5.1 / (4 * Math.PI ** 2) * x * x + 5 / Math.PI * x - 6;
      return valley ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10;
    },
  },
  "hartmann-6": {
    space: Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`x${i}`, range(0, 1)])),
    least: -3.32236801141551,
    value: (at) => {
      const x = numbers(at);
      const hills = HARTMANN_HEIGHTS.map((height, i) =>
        height *
        Math.exp(
          -x.reduce((sum, v, j) => sum + HARTMANN_WIDTHS[i][j] * (v - HARTMANN_PLACES[i][j] / 1e4) ** 2, 0),
        )
      );
      return -hills.reduce((a, b) => a + b, 0);
    },
  },
  "ackley-4": {
    space: Object.fromEntries(Array.from({ length: 4 }, (_, i) => [`x${i}`, range(-5, 5)])),
    least: 0,
    value: (at) => {
      const x = numbers(at);
      const mean = (of: (v: number) => number) => x.reduce((sum, v) => sum + of(v), 0) / x.length;
      return -20 * Math.exp(-0.2 * Math.sqrt(mean((v) => v * v))) -
        Math.exp(mean((v) => Math.cos(2 * Math.PI * v))) + 20 + Math.E;
    },
  },
  mixed: {
    space: {
      kind: of({ type: "categorical", choices: ["a", "b", "c", "d"] }),
      rate: of({ type: "float", low: 1e-5, high: 1e-1, log: true }),
      layers: of({ type: "int", low: 1, high: 16 }),
    },
    least: 0,
    value: ({ kind, rate, layers }) => {
      const shift = { a: 0.7, b: 0.3, c: 0, d: 1 }[kind as "a" | "b" | "c" | "d"];
      return (Math.log10(Number(rate)) + 3 + shift) ** 2 + shift + ((Number(layers) - 5) / 4) ** 2;
    },
  },
};
