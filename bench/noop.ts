/**
 * Measures how long a run without changes takes, compared with ninja on the same DAG:
 * `deno run -A bench/noop.ts [--only hash,first,large,no-op] [--tasks 10000] [--sources 1000]`
 *
 * Prints one line per bar: the measurement, the bar, and whether it was met. Whole processes are timed, from
 * start to exit. The two sides alternate, and the median counts.
 */
import { benchmarkHashing } from "./noop/hashing.ts";
import { benchmarkFirstRun } from "./noop/first_run.ts";
import { benchmarkLargeOutputs } from "./noop/large_outputs.ts";
import { benchmarkNoop } from "./noop/layers.ts";
import type { Measurement } from "./noop/measure.ts";

const number = (name: string, otherwise: number) => {
  const at = Deno.args.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(Deno.args[at + 1]);
};
const only = Deno.args.includes("--only") ? Deno.args[Deno.args.indexOf("--only") + 1].split(",") : undefined;
const tasks = number("tasks", 10_000);
const sources = number("sources", tasks / 10);

const parts: Record<string, (folder: string) => Promise<Measurement[]>> = {
  hash: benchmarkHashing,
  first: benchmarkFirstRun,
  large: benchmarkLargeOutputs,
  "no-op": (folder) => benchmarkNoop(folder, tasks, sources),
};
for (const name of only ?? []) {
  if (!Object.hasOwn(parts, name)) {
    console.error(`there is no part "${name}"; the parts are ${Object.keys(parts).join(", ")}`);
    Deno.exit(2);
  }
}
let missed = 0;
for (const [name, part] of Object.entries(parts)) {
  if (only !== undefined && !only.includes(name)) continue;
  const folder = Deno.makeTempDirSync({ prefix: "noop-" });
  try {
    for (const { what, value, bar, met } of await part(folder)) {
      console.log(`${met ? "  ok" : "MISS"}  ${what}: ${value} (${bar})`);
      if (!met) missed++;
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
Deno.exit(missed === 0 ? 0 : 1);
