/**
 * What lies in `jobs/` of a store: by action key a folder for each attempt, and beside these the allocations. The driver
 * writes what is to be done, the node writes what has become of it; each file is complete from the moment it has its name.
 *
 *     jobs/<key>/<attempt>/work/              the work folder of the action
 *     jobs/<key>/<attempt>/<step>.work.json   a process to be run in it
 *     jobs/<key>/<attempt>/<step>.started     who runs it
 *     jobs/<key>/<attempt>/<step>.result.json how it ended
 *     jobs/<key>/<attempt>/<step>.reached.json of a segment of a chain: how it would end after the steps that are done
 *     jobs/allocations/<id>/                  a batch job: which works it runs, or which run it drives, and what Slurm printed
 */

import { basename, dirname, join } from "node:path";
import type { WorkOrder } from "../executor/executor.ts";
import type { Mount } from "../isolation/messages.ts";
import type { ProcessOptions, ProcessResult } from "../process/process.ts";
import { LAYOUT } from "../store/layout.ts";
import { readOrEmpty } from "../store/small_files.ts";

/** A process for a node to run. */
export interface WorkFile {
  /** A result counts only with the same id. */
  readonly id: string;
  readonly task: string;
  readonly process: Pick<ProcessOptions, "argv" | "env" | "cwd" | "logFile" | "mark" | "timeLimitMs">;
  readonly mounts: readonly Mount[];
  /** What an isolated process may read beside its work folder; absent where it is not isolated. */
  readonly readable?: readonly string[];
  readonly store: string;
  readonly jobFile?: string;
  readonly chain?: WorkOrder["chain"];
  /** The setting of that name. */
  readonly scratch?: string;
  /** What its key says of the processor. */
  readonly processor: string;
}

/** Who runs a process. */
export interface StartedFile {
  readonly id: string;
  readonly allocation: string;
  /** How often Slurm had started the job again before. */
  readonly restarts: number;
  readonly host: string;
  readonly gpus: readonly string[];
  /** Milliseconds since 1970, by the clock of the node. */
  readonly at: number;
}

/** How a process ended on a node. */
export interface ResultFile extends ProcessResult {
  readonly id: string;
  /** The job was started again while the process ran. */
  readonly wasRequeued?: true;
}

/** A batch job, an array: by its index the works that an element runs, one after another. */
export interface AllocationFile {
  readonly id: string;
  /** Of the job. */
  readonly name: string;
  /** Paths of works without `.work.json`. */
  readonly elements: readonly (readonly string[])[];
  /** Of a job that does not run works but drives a run, and submits these: the command line, for people. */
  readonly drives?: string;
}

/** Holds all that is described above, of the store in a folder. */
export const jobsFolder = (store: string): string => join(store, LAYOUT.jobs);

export const allocationsFolder = (store: string): string => join(store, LAYOUT.jobs, "allocations");

/** The paths that belong to one work. */
export const workPaths = (path: string) => ({
  work: `${path}.work.json`,
  started: `${path}.started`,
  result: `${path}.result.json`,
  /** How it stands, where it is a segment of a chain and a part of its steps is done: as a result. */
  reached: `${path}.reached.json`,
});

/** The path of a work without its ending: beside the work folder of its action. */
export function workPath(cwd: string, step: string): string {
  return join(dirname(cwd), step);
}

/** The paths in an allocation's folder. */
export const allocationPaths = (folder: string) => ({
  file: join(folder, "allocation.json"),
  script: join(folder, "script.sh"),
  /** Has the id of the job, once Slurm has given one. */
  job: join(folder, "job"),
  /** Of a driver that has come to its end: its exit code. */
  ended: join(folder, "ended"),
  log: (element: number) => join(folder, `slurm-${element}.log`),
});

/** The key that the path of a work has. */
export function keyInPath(path: string): string {
  return basename(dirname(dirname(path)));
}

/** The content of a JSON file; undefined where it is missing, or not to be seen yet. */
export function readJson<Content>(path: string): Content | undefined {
  const text = readOrEmpty(path);
  return text === "" ? undefined : JSON.parse(text);
}
