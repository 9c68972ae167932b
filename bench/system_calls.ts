/**
 * Makes each system call of a run fail in turn and checks the outcome (Linux, with strace):
 * `deno run -A bench/system_calls.ts [--faults EIO,ENOSPC,EACCES] [--from 0] [--side 2] [--staying]`
 *
 * Calls that differ least from those before come last. `from` leaves out the trials that an earlier series has done.
 * `side` is the number of concurrent runs. `staying`: all later calls of the
 * same name fail too, except reads and writes, without which no process could report an error. Prints each fault
 * with a wrong outcome, then the number of runs by outcome. Exits with code 1 if an outcome was wrong.
 */
import { parseArgs } from "node:util";
import {
  type Fault,
  FAULTS,
  hasStrace,
  type Outcome,
  type Point,
  pointsOfRun,
  tryFault,
} from "../tests/flow/faults/system_calls.ts";

const { values } = parseArgs({
  options: {
    faults: { type: "string", default: FAULTS.join(",") },
    from: { type: "string", default: "0" },
    side: { type: "string", default: "2" },
    staying: { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
  },
});
const faults = values.faults.split(",") as Fault[];
if (!await hasStrace()) {
  console.error("this benchmark needs strace with permission to trace; on Debian: apt-get install strace");
  Deno.exit(2);
}
const points = (await pointsOfRun())
  .filter(({ call }) => !values.staying || !/^p?(read|write)(64)?$/.test(call));
const from = Number(values.from);
const trials = trialsOf(points).slice(from);
const outcomes: Outcome[] = [];

/** Each fault at each point: first every site with one fault, then with the next one, then its next call. */
function trialsOf(points: readonly Point[]): { point: Point; fault: Fault }[] {
  const seen = new Map<string, number>();
  const ranked = points.flatMap((point, i) => {
    const before = seen.get(point.site) ?? 0;
    seen.set(point.site, before + 1);
    return faults.map((fault, f) => ({
      point,
      fault,
      rank: before * faults.length + (f + i) % faults.length,
    }));
  });
  return ranked.sort((a, b) => a.rank - b.rank);
}

async function work(): Promise<void> {
  for (let trial = trials.shift(); trial !== undefined; trial = trials.shift()) {
    const outcome = await tryFault(trial.point, trial.fault, values.staying);
    outcomes.push(outcome);
    if (outcomes.length % 25 === 0) console.log(`${from + outcomes.length} trials done`);
    const { fault, hit, code, said, problems } = outcome;
    if (hit === undefined) continue;
    if (problems.length > 0) {
      console.log(`FAULT ${fault} ${hit}\n      ended ${code}: ${said}\n      ${problems.join("; ")}`);
    } else if (values.verbose) console.log(`   ok ${fault} ${hit}\n      ended ${code}: ${said}`);
  }
}

await Promise.all(Array.from({ length: Number(values.side) }, work));
const hit = outcomes.filter((outcome) => outcome.hit !== undefined);
const bad = hit.filter(({ problems }) => problems.length > 0);
console.log(
  `${points.length} system calls, ${hit.length} faults: ${
    hit.filter(({ code }) => code === 0).length
  } runs succeeded, ` +
    `${hit.filter(({ code }) => code !== 0).length} failed; ${bad.length} outcomes were wrong ` +
    `(${outcomes.length - hit.length} faults hit other files)`,
);
Deno.exit(bad.length === 0 ? 0 : 1);
