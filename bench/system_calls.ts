/**
 * Makes each system call of a run fail in turn and checks the outcome (Linux, with strace):
 * `deno run -A bench/system_calls.ts [--faults EIO,ENOSPC,EACCES] [--every 1] [--side 2] [--staying]`
 *
 * `every` N tests every N-th call. `side` is the number of concurrent runs. `staying`: all later calls of the
 * same name fail too, except reads and writes, without which no process could report an error. Prints each fault
 * with a wrong outcome, then the number of runs by outcome. Exits with code 1 if an outcome was wrong.
 */
import { parseArgs } from "node:util";
import {
  type Fault,
  FAULTS,
  hasStrace,
  type Outcome,
  pointsOfRun,
  tryFault,
} from "../tests/flow/faults/system_calls.ts";

const { values } = parseArgs({
  options: {
    faults: { type: "string", default: FAULTS.join(",") },
    every: { type: "string", default: "1" },
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
  .filter(({ call }) => !values.staying || !/^p?(read|write)(64)?$/.test(call))
  .filter((_, i) => i % Number(values.every) === 0);
const trials = points.flatMap((point) => faults.map((fault) => ({ point, fault })));
const outcomes: Outcome[] = [];

async function work(): Promise<void> {
  for (let trial = trials.shift(); trial !== undefined; trial = trials.shift()) {
    const outcome = await tryFault(trial.point, trial.fault, values.staying);
    outcomes.push(outcome);
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
