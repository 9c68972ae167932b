/**
 * Compares the TPE sampler with Optuna's, in one run: which trials count as the better ones, the distributions of what is
 * suggested, the quality of whole searches, and the time of a suggestion. Needs Python with optuna.
 *
 *     deno run -A bench/tpe.ts [--python python3] [--suggestions 1000] [--seeds 30] [--trials 50]
 */

import assert from "node:assert/strict";
import process from "node:process";
import { parseArgs } from "node:util";
import type { ParameterValues, SearchSpace, Value } from "../lib/tuning/space.ts";
import { type Sampler, suggest } from "../lib/tuning/suggest.ts";
import { lessonOf } from "../lib/tuning/tpe.ts";
import type { FinishedTrial } from "../lib/tuning/trial.ts";
import { median, Side } from "./side.ts";
import { drawnTrials, type Objective, OBJECTIVES, SPACES } from "./tpe_case.ts";

const { values: options } = parseArgs({
  options: {
    python: { type: "string", default: "python3" },
    suggestions: { type: "string", default: "1000" },
    seeds: { type: "string", default: "30" },
    trials: { type: "string", default: "50" },
  },
});
const [suggestions, seeds, trialsEach] = [options.suggestions, options.seeds, options.trials].map(Number);
const TPE: Sampler = { name: "tpe", startupTrials: 10 };
const optuna = new Side<unknown>(options.python, [new URL("./peers/tpe.py", import.meta.url).pathname]);
const ask = async <Answer>(command: Record<string, unknown>) => await optuna.ask(command) as Answer;

console.log(`${suggestions} suggestions from the same 30 complete and 5 pruned trials:`);
for (const [name, space] of Object.entries(SPACES)) {
  const trials = drawnTrials(space, 30, 5, 4871);
  const task = { space, direction: "maximize", trials };
  const [better] = await ask<[number[], number[]]>({ do: "split", ...task });
  const ours = lessonOf(trials, "maximize").better.map(({ trial }) => trial);
  assert.deepEqual(ours, better, `${name}: the better trials`);
  const theirs = await ask<ParameterValues[]>({ do: "suggest", ...task, count: suggestions });
  const mine = Array.from(
    { length: suggestions },
    (_, seed) => suggest({ space, sampler: TPE, direction: "maximize", seed, trial: 35, earlier: trials }),
  );
  const p = sameDistribution(mine.map(({ x }) => place(space, x)), theirs.map(({ x }) => place(space, x)));
  console.log(
    `  ${name.padEnd(16)} better trials ${better.join(", ")} in both; Kolmogorov-Smirnov p ${p.toFixed(3)}`,
  );
}

console.log(`median regret of ${seeds} searches of ${trialsEach} trials:`);
for (const [name, objective] of Object.entries(OBJECTIVES)) {
  const [ours, theirs] = [[] as number[], [] as number[]];
  for (let seed = 0; seed < seeds; seed++) {
    ours.push(ourRegret(objective, seed));
    theirs.push(await theirRegret(objective, seed));
  }
  const [a, b] = [median(ours), median(theirs)];
  console.log(
    `  ${name.padEnd(16)} ${a.toPrecision(3)}, Optuna ${b.toPrecision(3)}: ${(a / b).toFixed(2)} times`,
  );
}

const wide: SearchSpace = Object.fromEntries(
  Array.from({ length: 20 }, (_, i) => [`x${i}`, Object.values(SPACES)[i % 6].x]),
);
const many = drawnTrials(wide, 1000, 0, 7579);
const rounds = 5;
const theirTime = await ask<number>({
  do: "time",
  space: wide,
  direction: "maximize",
  trials: many,
  count: rounds,
});
const next = (trial: number) =>
  suggest({ space: wide, sampler: TPE, direction: "maximize", seed: 0, trial, earlier: many });
next(999);
const [begin, before] = [performance.now(), process.cpuUsage()];
for (let i = 0; i < rounds; i++) next(1000 + i);
const ourTime = (performance.now() - begin) / rounds;
const { user } = process.cpuUsage(before);
console.log(
  `a suggestion of 20 parameters after 1,000 trials: ${ourTime.toFixed(1)} ms (${
    (user / 1000 / rounds).toFixed(1)
  } ms of CPU), Optuna ${theirTime.toFixed(1)} ms`,
);
await optuna.close();

/** A choice by its place in the space; a number without the last digits, which differ by how a step was added. */
function place(space: SearchSpace, value: Value): number {
  return space.x.type === "categorical"
    ? space.x.choices.indexOf(value)
    : Number(Number(value).toPrecision(12));
}

function ourRegret({ space, least, value }: Objective, seed: number): number {
  const done: FinishedTrial[] = [];
  for (let trial = 0; trial < trialsEach; trial++) {
    const assignment = suggest({ space, sampler: TPE, direction: "minimize", seed, trial, earlier: done });
    done.push({ trial, state: "complete", assignment, value: value(assignment), reports: [] });
  }
  return Math.min(...done.map(({ value }) => value!)) - least;
}

async function theirRegret({ space, least, value }: Objective, seed: number): Promise<number> {
  await ask({ do: "begin", space, direction: "minimize", trials: [], seed });
  let best = Infinity;
  for (let trial = 0; trial < trialsEach; trial++) {
    const given = value(await ask<ParameterValues>({ do: "ask" }));
    await ask({ do: "tell", value: given });
    best = Math.min(best, given);
  }
  return best - least;
}

/** The p-value of the two-sample test of Kolmogorov and Smirnov, by its limit for many samples; for values with ties it is an upper bound. */
function sameDistribution(a: readonly number[], b: readonly number[]): number {
  const places = [...new Set([...a, ...b])].sort((x, y) => x - y);
  const share = (of: readonly number[], place: number) => of.filter((v) => v <= place).length / of.length;
  const distance = Math.max(...places.map((at) => Math.abs(share(a, at) - share(b, at))));
  const scaled = distance * Math.sqrt(a.length * b.length / (a.length + b.length));
  let p = 0;
  for (let k = 1; k <= 100; k++) p += 2 * (-1) ** (k - 1) * Math.exp(-2 * (k * scaled) ** 2);
  return Math.min(1, Math.max(0, distance === 0 ? 1 : p));
}
