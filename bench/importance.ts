/**
 * Compares the importance of parameters with that of Optuna's FanovaImportanceEvaluator, from the same trials of functions
 * of which it is known. Needs Python with optuna and scikit-learn.
 *
 *     deno run -A bench/importance.ts [--python python3] [--trials 200]
 */

import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import { importances } from "../lib/tuning/importance.ts";
import { KNOWN_IMPORTANCES, randomTrials } from "./importance_case.ts";
import { Side } from "./side.ts";

const { values: options } = parseArgs({
  options: {
    python: { type: "string", default: "python3" },
    trials: { type: "string", default: "200" },
  },
});
const optuna = new Side<unknown>(options.python, [new URL("./peers/tpe.py", import.meta.url).pathname]);
const order = (shares: Readonly<Record<string, number>>) =>
  Object.keys(shares).sort((a, b) => shares[b] - shares[a]);
const text = (shares: Readonly<Record<string, number>>, names: readonly string[]) =>
  names.map((name) => `${name} ${shares[name].toFixed(3)}`).join(", ");

console.log(`from ${options.trials} random trials:`);
for (const [name, known] of Object.entries(KNOWN_IMPORTANCES)) {
  const trials = randomTrials(known, Number(options.trials), 4871);
  const begin = performance.now();
  const ours = importances(known.space, trials)!;
  const ms = performance.now() - begin;
  const [theirs, theirMs] = await optuna.ask({
    do: "importance",
    space: known.space,
    direction: "minimize",
    trials,
  }) as [Record<string, number>, number];
  assert.deepEqual(order(ours), order(theirs), `${name}: the order of the parameters`);
  const names = Object.keys(known.shares);
  console.log(`  ${name.padEnd(9)} exact  ${text(known.shares, names)}`);
  console.log(`            ours   ${text(ours, names)}; ${ms.toFixed(0)} ms`);
  console.log(`            Optuna ${text(theirs, names)}; ${theirMs.toFixed(0)} ms`);
}
await optuna.close();
