/**
 * Compares what `plan` says of `birds` with what runs: before anything has run, and after three runs.
 *
 *     deno run -A bench/estimates.ts [--profile smoke]
 *
 * The speed of the machine is measured first (`run calibration`). Each run has a seed of its own for the drawn birds, so
 * that all of it runs. Prints one line per bar: the total time, one task after another.
 */

import { type Measurement, protoflow } from "./noop/measure.ts";

const RUNS = 3;
const at = Deno.args.indexOf("--profile");
const profile = at < 0 ? [] : ["--profile", Deno.args[at + 1]];
const folder = Deno.makeTempDirSync({ prefix: "estimates-" });
const store = ["--store", `${folder}/store`];

// deno-lint-ignore no-explicit-any -- events have the fields that their kinds give them
type Event = Record<string, any>;

function events(...args: string[]): Event[] {
  const [program, ...rest] = protoflow(...args, "--json", ...store);
  const { code, stdout, stderr } = new Deno.Command(program, { args: rest, cwd: folder }).outputSync();
  const text = new TextDecoder().decode(stdout);
  if (code !== 0) {
    throw new Error(
      `${args.join(" ")}\n${text.slice(-2000)}${new TextDecoder().decode(stderr).slice(-2000)}`,
    );
  }
  return text.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
}

/** Planned and taken milliseconds by task of a run with another seed of birds. */
function compared(seed: number): Map<string, readonly [planned: number, taken: number]> {
  const changes = [...profile, "--set", `data.birds.seed=${seed}`];
  const planned = new Map(
    events("plan", "birds", ...changes).flatMap(({ id, cost, expectedMs }) =>
      cost === undefined && expectedMs === undefined ? [] : [[id, Number(expectedMs ?? cost.ms)]]
    ),
  );
  // One task at a time, as they are estimated.
  const ran = events("run", "birds", ...changes, "--jobs", "1").filter(({ outcome }) => outcome === "ran");
  return new Map(ran.flatMap(({ id, ms }) => {
    const expected = planned.get(id);
    return expected === undefined ? [] : [[id, [expected, Number(ms)] as const]];
  }));
}

function measured(when: string, tasks: ReturnType<typeof compared>, most: number): Measurement {
  const sum = (side: 0 | 1) => [...tasks.values()].reduce((total, pair) => total + pair[side], 0);
  for (const [id, [planned, taken]] of tasks) {
    console.log(
      `      ${id}: planned ${(planned / 1000).toFixed(1)} s, took ${(taken / 1000).toFixed(1)} s`,
    );
  }
  const off = sum(0) / sum(1) - 1;
  return {
    what: `birds ${when}: planned ${(sum(0) / 1000).toFixed(0)} s, took ${(sum(1) / 1000).toFixed(0)} s`,
    value: `${(100 * off).toFixed(0)} %`,
    bar: `± ${100 * most} %`,
    met: Math.abs(off) <= most,
  };
}

try {
  events("run", "calibration");
  const before = measured("before any run", compared(1), 0.5);
  for (let run = 2; run <= RUNS; run++) compared(run);
  const after = measured(`after ${RUNS} runs`, compared(RUNS + 1), 0.15);
  for (const { what, value, bar, met } of [before, after]) {
    console.log(`${met ? "  ok" : "MISS"}  ${what}: ${value} (${bar})`);
  }
  if (!before.met || !after.met) Deno.exitCode = 1;
} finally {
  Deno.removeSync(folder, { recursive: true });
}
