/**
 * Kills the driver of runs on Slurm again and again, each time at a random instant, on a cluster of two nodes on this
 * machine (as root, with Debian's packages slurm-wlm and munge), and counts what comes of it:
 *
 *     deno run -A bench/slurm_kills.ts [--kills 50]
 *
 * A run has tasks that follow each other, items and a chain; one that has ended is followed by another one with other keys.
 * The first is not killed, and tells how long the others may live. Prints one line per bar: actions that ran twice, that have
 * no result or another one than on this machine, jobs and folders that are left behind.
 */

import { parseArgs } from "node:util";
import { Store } from "../lib/flow/store/store.ts";
import { exists, Project, resultOf } from "../tests/flow/cli.ts";
import { inCluster, type SlurmCluster, slurmMissing } from "../tests/flow/slurm/slurm_cluster.ts";

const { values: options } = parseArgs({
  options: {
    kills: { type: "string", default: "50" },
  },
});
const CORES = 4;
const PAIRS = 6;
const ITEMS = 12;

const missing = slurmMissing();
if (missing !== undefined) {
  console.error(`bench/slurm_kills.ts needs Slurm: ${missing}`);
  Deno.exit(2);
}
let isMet = false;
await inCluster(async (cluster) => {
  const folder = Deno.makeTempDirSync();
  try {
    isMet = await killAgainAndAgain(cluster, new Project(folder));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}, CORES);
Deno.exit(isMet ? 0 : 1);

async function killAgainAndAgain(cluster: SlurmCluster, closed: Project): Promise<boolean> {
  // What tasks say of themselves lies outside of their work folders.
  const project = closed.withEnvironment({ ...cluster.environment, PROTOFLOW_ISOLATION: "off" });
  const slurm = { waitSeconds: 1, memoryMB: 200 };
  project.write("protoflow.json", JSON.stringify({ executor: "slurm", slurm }));
  for (let i = 0; i < ITEMS; i++) project.write(`texts/text-${i}`, `${i}`);
  let workflows = 0;
  let kills = 0;
  const begin = () => write(project, workflows++);
  begin();
  const started = performance.now();
  await whole(project);
  const longestMs = performance.now() - started;
  begin();
  while (kills < Number(options.kills)) {
    const child = project.spawn("run", "probe.ts", "--json");
    let isKilled = false;
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      isKilled = true;
    }, Math.random() * longestMs);
    const { code, out, err } = await resultOf(child);
    clearTimeout(timer);
    if (isKilled) kills++;
    else if (code === 0) begin();
    else throw new Error(out + err);
  }
  await whole(project);
  return await report(cluster, project, { kills, workflows });
}

async function whole(project: Project): Promise<void> {
  const { code, out, err } = await project.run();
  if (code !== 0) throw new Error(out + err);
}

/** Each task writes its name down when it runs. */
function write(project: Project, number: number): void {
  const said = project.path("ran");
  const task = (name: string, inputs: Record<string, string>) => ({
    kind: "command",
    params: { argv: ["sh", "-c", `echo ${name} >> ${said}; sleep 0.5; echo ${name} > out/o`] },
    outputs: ["o"],
    inputs,
  });
  const pairs = Array.from({ length: PAIRS }, (_, i) => [
    [`a${i}`, task(`${number}-a${i}`, {})],
    [`b${i}`, task(`${number}-b${i}`, { x: `a${i}.o` })],
  ]).flat();
  project.workflow({
    ...Object.fromEntries(pairs),
    measure: { kind: "lengths", params: {}, inputs: { texts: "folder:texts" } },
    chain: { kind: "hash_chain", params: { seed: String(number), steps: 6, segment: 2 } },
  });
}

async function report(
  cluster: SlurmCluster,
  project: Project,
  { kills, workflows }: { readonly kills: number; readonly workflows: number },
): Promise<boolean> {
  const lines = project.read("ran").trim().split("\n");
  const twice = lines.length - new Set(lines).size;
  const jobs = await cluster.jobs("PENDING", "RUNNING");
  const left = exists(project.path("store/jobs"))
    ? [...Deno.readDirSync(project.path("store/jobs"))].filter(({ name }) => name !== "allocations").length
    : 0;
  const last = digestsIn(project.path("store"));
  await project.run("--executor", "local", "--store", project.path("here"));
  const here = digestsIn(project.path("here"));
  const wrong = [...here].filter(([key, digest]) => last.get(key) !== digest).length;
  const lacking = workflows * PAIRS * 2 - new Set(lines).size;
  console.log(`${kills} kills in ${workflows} workflows, of ${lines.length} tasks that are programs:`);
  const bars: [number, string][] = [
    [twice, "ran twice"],
    [lacking, "never ran"],
    [wrong, `of ${here.size} results of the last workflow are missing, or others than on this machine`],
    [jobs.length, "jobs are left behind"],
    [left, "folders of jobs are left behind"],
  ];
  for (const [count, text] of bars) console.log(`${count === 0 ? "  ok" : "MISS"}  ${count} ${text}`);
  return bars.every(([count]) => count === 0);
}

function digestsIn(folder: string): Map<string, string> {
  const store = Store.open(folder);
  try {
    return new Map(
      [...store.keys()].map((key) => [
        key,
        Object.values(store.getRecord(key)!.outputs).map(({ digest }) => digest).join(),
      ]),
    );
  } finally {
    store.close();
  }
}
