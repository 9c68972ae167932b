/**
 * Measures what the driver of a run on Slurm costs, on a cluster of two nodes on this machine (as root, with Debian's
 * packages slurm-wlm and munge):
 *
 *     deno run -A bench/slurm.ts [--actions 1000] [--per-job 50] [--gpu-actions 16]
 *
 * Prints one line per bar: CPU time of the driver and its commands for each action, the shortest time between two calls
 * of squeue, and whether two actions that each asked for a GPU ever had the same one.
 */

import { parseArgs } from "node:util";
import { Store } from "../lib/flow/store/store.ts";
import { runProcess } from "../lib/flow/process/process.ts";
import { Project } from "../tests/flow/cli.ts";
import { inCluster, type SlurmCluster, slurmMissing } from "../tests/flow/slurm/slurm_cluster.ts";

const { values: options } = parseArgs({
  options: {
    actions: { type: "string", default: "1000" },
    "per-job": { type: "string", default: "50" },
    "gpu-actions": { type: "string", default: "16" },
  },
});
const MOST_MS = 20;
const SHORTEST_MS = 2000;
const CORES = 4;

interface Bar {
  readonly text: string;
  readonly isMet: boolean;
}

const missing = slurmMissing();
if (missing !== undefined) {
  console.error(`bench/slurm.ts needs Slurm: ${missing}`);
  Deno.exit(2);
}
const bars: Bar[] = [];
await inCluster(async (cluster) => {
  bars.push(...await driverCosts(cluster), await gpusShared(cluster));
}, CORES);
for (const { text, isMet } of bars) console.log(`${isMet ? "  ok" : "MISS"}  ${text}`);
Deno.exit(bars.every(({ isMet }) => isMet) ? 0 : 1);

async function driverCosts(cluster: SlurmCluster): Promise<Bar[]> {
  return await inProject(cluster, async (project) => {
    const actions = Number(options.actions);
    project.workflow(Object.fromEntries(
      Array.from({ length: actions }, (_, i) => {
        const argv = ["sh", "-c", `echo ${i} > out/o`];
        return [`t${i}`, { kind: "command", params: { argv }, outputs: ["o"] }];
      }),
    ));
    project.write(
      "bin/squeue",
      `#!/bin/sh\ndate +%s%3N >> '${project.path("asked")}'\nexec /usr/bin/squeue "$@"\n`,
    );
    Deno.chmodSync(project.path("bin/squeue"), 0o755);
    const { ms, cpuMs } = await run(project, cluster, {
      PATH: `${project.path("bin")}:${Deno.env.get("PATH")}`,
    });
    const asked = project.read("asked").trim().split("\n").map(Number);
    const shortest = Math.min(...asked.slice(1).map((time, i) => time - asked[i]));
    const each = cpuMs / actions;
    const jobs = await cluster.jobs();
    return [
      {
        text: `${each.toFixed(1)} ms of CPU time for each of ${actions} actions (at most ${MOST_MS}); ` +
          `${(ms / 1000).toFixed(1)} s in all, in ${jobs.length} elements of job arrays`,
        isMet: each <= MOST_MS,
      },
      {
        // What is written down is when a call began, to a few milliseconds.
        text: `${asked.length} calls of squeue, the nearest ${shortest} ms apart (at least ${SHORTEST_MS})`,
        isMet: shortest >= SHORTEST_MS - 50,
      },
    ];
  });
}

interface Seen {
  readonly visible: string;
  readonly from: number;
  readonly to: number;
}

async function gpusShared(cluster: SlurmCluster): Promise<Bar> {
  return await inProject(cluster, async (project) => {
    const names = Array.from({ length: Number(options["gpu-actions"]) }, (_, i) => `g${i}`);
    project.workflow(Object.fromEntries(names.map((name) => [name, { kind: "gpu_user", params: { name } }])));
    await run(project, cluster, {});
    const seen = usesIn(project.path("store"));
    const shared = seen.flatMap((one, i) =>
      seen.slice(i + 1).filter((other) => other.gpu === one.gpu && other.from < one.to && one.from < other.to)
    );
    const gpus = new Set(seen.map(({ gpu }) => gpu));
    return {
      text: `${names.length} actions on ${gpus.size} GPUs (${
        [...gpus].sort().join(", ")
      }), ${shared.length} times two at once on one`,
      isMet: shared.length === 0 && seen.length === names.length,
    };
  });
}

/** Each use of a GPU, which is named with its node. */
function usesIn(folder: string): (Seen & { readonly gpu: string })[] {
  const store = Store.open(folder);
  try {
    return [...store.keys()].map((key) => {
      const { outputs, facts } = store.getRecord(key)!;
      const seen: Seen = JSON.parse(Deno.readTextFileSync(store.blobPath(outputs.seen.file!.digest)));
      return { ...seen, gpu: `${facts.host}:${seen.visible}` };
    });
  } finally {
    store.close();
  }
}

async function inProject<Result>(
  cluster: SlurmCluster,
  body: (project: Project) => Promise<Result>,
): Promise<Result> {
  const folder = Deno.makeTempDirSync();
  try {
    const project = new Project(folder, cluster.environment);
    const slurm = { waitSeconds: 1, memoryMB: 200, perJob: Number(options["per-job"]) };
    project.write("protoflow.json", JSON.stringify({ executor: "slurm", slurm }));
    return await body(project);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** The driver as a process of its own: its CPU time has that of the commands it calls. */
async function run(
  project: Project,
  cluster: SlurmCluster,
  environment: Record<string, string>,
): Promise<{ ms: number; cpuMs: number }> {
  const config = new URL("../deno.json", import.meta.url).pathname;
  const logFile = project.path("log");
  const result = await runProcess({
    argv: [
      ...[Deno.execPath(), "run", "--quiet", "-A", "--no-check", "--config", config, project.mainModule],
      ...["run", "probe.ts", "--store", project.path("store")],
    ],
    cwd: project.folder,
    env: { ...Deno.env.toObject(), NO_COLOR: "1", ...cluster.environment, ...environment },
    logFile,
  });
  if (result.reason.kind !== "ok") throw new Error(Deno.readTextFileSync(logFile));
  return result;
}
