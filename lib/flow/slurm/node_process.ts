/**
 * The program of a batch job: runs the works of its element of the array, one after another, as the driver would run them
 * on its own machine. A work that is ended from outside gets no result: Slurm's state says why.
 */

import { hostname } from "node:os";
import { join } from "node:path";
import { FlowError } from "../errors.ts";
import { messageOf } from "../failure.ts";
import { Launcher } from "../isolation/launcher.ts";
import type { KindJob } from "../job/kind_job.ts";
import { vectorInstructions } from "../key/vector_instructions.ts";
import { type ProcessResult, runProcess } from "../process/process.ts";
import { Watchdog } from "../process/watchdog.ts";
import { visibleGpus } from "../resources/machine.ts";
import { flushedBelow } from "../store/late_refusals.ts";
import { makeFolder } from "../store/layout.ts";
import { writeWhole } from "../store/plain_file.ts";
import { replaceFile } from "../store/replace_file.ts";
import { timeLeftMs } from "./commands.ts";
import {
  type AllocationFile,
  allocationPaths,
  readJson,
  type ResultFile,
  type StartedFile,
  type WorkFile,
  workPaths,
} from "./files.ts";
import { runInPieces } from "./pieces.ts";
import { ScratchPlace } from "./scratch_place.ts";
import { untilTold } from "./until_told.ts";
import { placeInStore, type WorkPlace } from "./work_place.ts";

/**
 * Slurm ends all processes of a job one after another: the work may be seen to fail before this process is told, and a
 * script whose command was ended may go on to an end that looks good. So much later this process has been told.
 */
const NOTICE_MS = 1000;
const END_NOTICE_MS = 100;

const [folder] = Deno.args;
const element = Number(Deno.env.get("SLURM_ARRAY_TASK_ID"));
const restarts = Number(Deno.env.get("SLURM_RESTART_COUNT") ?? 0);
const gpus = visibleGpus(Deno.env.get("CUDA_VISIBLE_DEVICES") ?? "", () => undefined);
const cores = Number(Deno.env.get("SLURM_CPUS_ON_NODE") ?? Infinity);
/** As Slurm names it. */
const node = Deno.env.get("SLURMD_NODENAME") ?? hostname();
const abort = new AbortController();
/** The time of the job will soon be up. */
const notice = new AbortController();
const launchers = new Map<string, Promise<Launcher>>();

Deno.addSignalListener("SIGTERM", () => abort.abort());
Deno.addSignalListener("SIGUSR1", () => notice.abort());
const { id: allocation, elements } = readJson<AllocationFile>(allocationPaths(folder).file)!;
for (const path of elements[element]) {
  if (!abort.signal.aborted) await runWork(path);
}
await Promise.all([...launchers.values()].map(async (launcher) => (await launcher).close().catch(() => {})));
Deno.exit(abort.signal.aborted ? 143 : 0);

async function runWork(path: string): Promise<void> {
  const work = readJson<WorkFile>(workPaths(path).work);
  // The driver has given it up.
  if (work === undefined || !claim(path, work)) return;
  let result: ProcessResult;
  try {
    result = await runHere(path, work);
  } catch (error) {
    result = { reason: { kind: "not-started", message: messageOf(error) }, ms: 0, cpuMs: 0, peakBytes: 0 };
  }
  const isEnded = await untilTold(abort.signal, result.reason.kind === "ok" ? END_NOTICE_MS : NOTICE_MS);
  if (!isEnded) write(workPaths(path).result, work.id, result);
}

/** Whether the work is this job's to run: not where another job has it, nor where it was begun before a restart. */
function claim(path: string, { id }: WorkFile): boolean {
  const { started, result } = workPaths(path);
  const mine: StartedFile = { id, allocation, restarts, host: node, gpus, at: Date.now() };
  const complete = `${started}.${crypto.randomUUID().slice(0, 8)}`;
  writeWhole(complete, JSON.stringify(mine), { createNew: true });
  try {
    Deno.linkSync(complete, started);
    return true;
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  } finally {
    Deno.removeSync(complete);
  }
  const earlier = readJson<StartedFile>(started);
  if (earlier?.allocation === allocation && readJson(result) === undefined) {
    const reason = { kind: "interrupted" } as const;
    write(result, id, { reason, ms: 0, cpuMs: 0, peakBytes: 0, wasRequeued: true });
  }
  return false;
}

function write(file: string, id: string, result: Omit<ResultFile, "id">): void {
  try {
    replaceFile(file, JSON.stringify({ ...result, id, host: node, gpus }));
  } catch (error) {
    // The driver has given it up, and removed its folder.
    console.error(messageOf(error));
  }
}

/** @throws FlowError where this node can't do what the key of the action says, or what the settings say */
async function runHere(path: string, work: WorkFile): Promise<ProcessResult> {
  if (work.processor !== vectorInstructions()) {
    throw new FlowError(
      "node-differs",
      `the processor of ${node} has ${vectorInstructions()}, and the key was made for ${work.processor}: ` +
        "choose nodes like the machine that plans, by slurm.constraint or slurm.partition in protoflow.json",
    );
  }
  const launcher = work.readable && await launcherFor(work.store, work.readable);
  const place = work.scratch === undefined
    ? placeInStore(work)
    : await ScratchPlace.open(work, { setting: work.scratch, node });
  const watchdog = new Watchdog({ workRoot: () => place.work.process.cwd });
  try {
    const result = await runIn(place, path, work, { launcher, watchdog });
    const isGood = result.reason.kind === "ok";
    await place.finish(isGood);
    // What this node has not sent to the disk of all when its work has ended, no other one will miss.
    if (isGood) flushedBelow(join(work.process.cwd, "out"));
    return isGood ? result : { ...result, note: place.note() };
  } finally {
    launcher?.forget(work.process.cwd);
    await watchdog.close();
    place.remove();
  }
}

interface Helpers {
  readonly launcher?: Launcher;
  readonly watchdog: Watchdog;
}

/** The process of the work; of a segment of a chain in limited time several, one after another. */
async function runIn(
  place: WorkPlace,
  path: string,
  { id, chain }: WorkFile,
  { launcher, watchdog }: Helpers,
): Promise<ProcessResult> {
  const { process, mounts, jobFile } = place.work;
  if (jobFile !== undefined) takeResources(place.at(jobFile));
  const run = (further?: AbortSignal) =>
    runProcess({
      ...process,
      env: {
        ...process.env,
        ...(process.env.CUDA_VISIBLE_DEVICES && { CUDA_VISIBLE_DEVICES: gpus.join(",") }),
      },
      start: launcher && ((program, options) => launcher.spawn(program, options, mounts)),
      watchdog,
      signal: further === undefined ? abort.signal : AbortSignal.any([abort.signal, further]),
      onWatch: () => place.report(),
    });
  const leftMs = chain && await timeLeftMs();
  if (chain === undefined || jobFile === undefined || leftMs === undefined) return await run();
  const begun = performance.now();
  return await runInPieces({
    jobFile,
    at: (path) => place.at(path),
    chain,
    leftMs: () => leftMs - (performance.now() - begun),
    notice: notice.signal,
    run,
    async keep(result, outFolder) {
      await place.keep(outFolder);
      flushedBelow(outFolder);
      write(workPaths(path).reached, id, result);
    },
  });
}

/** The job gets what Slurm has given to it, which may be less than was asked for. */
function takeResources(file: string): void {
  const job = readJson<KindJob>(file)!;
  const resources = { ...job.resources, cpu: Math.min(job.resources.cpu, cores), gpus };
  replaceFile(
    file,
    JSON.stringify({
      ...job,
      resources: job.resources.gpus.length > 0 ? resources : { ...resources, gpus: [] },
    }),
  );
}

/** @throws FlowError not-isolated */
function launcherFor(store: string, readable: readonly string[]): Promise<Launcher> {
  const key = readable.join("\n");
  const known = launchers.get(key);
  if (known !== undefined) return known;
  const cover = join(folder, `cover-${element}-${launchers.size}`);
  makeFolder(cover);
  const launcher = Launcher.start({ store, cover, readable }).then((started) => {
    if (started instanceof Launcher) return started;
    throw new FlowError(
      "not-isolated",
      `the node ${node} can't isolate tasks (${started.unavailable}), as the machine that plans does: ` +
        "docs/isolation.md says what is needed; PROTOFLOW_ISOLATION=off turns isolation off",
    );
  });
  launchers.set(key, launcher);
  return launcher;
}
