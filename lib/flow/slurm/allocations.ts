/** The batch jobs of a store: submitted by this run, or left by an earlier one. */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { denoFolder } from "../job/deno_command.ts";
import { ownTime } from "../store/file_clock.ts";
import { entriesOf } from "../store/layout.ts";
import { writeWhole } from "../store/plain_file.ts";
import { replaceFile } from "../store/replace_file.ts";
import { readOrEmpty } from "../store/small_files.ts";
import { StatKey } from "../store/stat_key.ts";
import type { JobBatch } from "./batches.ts";
import { messageOf } from "../failure.ts";
import { NO_ANSWER, sbatch, squeue } from "./commands.ts";
import { type AllocationFile, allocationPaths, allocationsFolder, keyInPath, readJson } from "./files.ts";
import { makeJobFolder } from "./job_folders.ts";

const nodeModule = fileURLToPath(new URL("./node_process.ts", import.meta.url));
/** Where programs, libraries and Slurm's own settings are. */
const PASSED_ON = ["SLURM_CONF", "PATH", "HOME", "USER", "LANG", "LD_LIBRARY_PATH", "XDG_CACHE_HOME"];
/** It is tried again after these times. */
const RETRY_MS = [2000, 5000, 15_000, 60_000];
/** A driver that was killed while it submitted a job may have left one of which it did not keep the id. */
const UNNAMED_MS = 30_000;

/** A batch job. */
export interface Allocation extends AllocationFile {
  readonly folder: string;
  /** Milliseconds since 1970, by the clock of this machine. */
  readonly made: number;
  /** Its id, once Slurm has given one. */
  job?: string;
  /** When Slurm had given the id, as `made`; 0 where that was in an earlier run. */
  submitted?: number;
}

/** A place in a batch job. */
export interface JobElement {
  readonly allocation: Allocation;
  readonly index: number;
}

/** Those of the store, also of runs that were killed. */
export function readAllocations(store: string): Allocation[] {
  return entriesOf(allocationsFolder(store)).flatMap((id) => {
    const folder = join(allocationsFolder(store), id);
    const paths = allocationPaths(folder);
    const file = readJson<AllocationFile>(paths.file);
    const key = StatKey.of(paths.file);
    if (file === undefined || key === undefined) return [];
    return [{
      ...file,
      folder,
      made: ownTime(key),
      submitted: 0,
      job: readOrEmpty(paths.job).trim() || undefined,
    }];
  });
}

/** What is submitted as a job. */
export interface Submission extends Pick<AllocationFile, "elements" | "drives"> {
  /** Of its name, between `protoflow-` and its own id. */
  readonly about: string;
  /** Options of sbatch. */
  readonly args: readonly string[];
  /** Of the job; that of this process where it is absent. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The text of the script of a job whose folder is given. */
  readonly script: (folder: string) => string;
}

/** Submits works. @throws FlowError slurm */
export async function submitBatch(
  store: string,
  { args, elements }: JobBatch,
  onMade: (allocation: Allocation) => void,
): Promise<void> {
  const works = elements.flat();
  const more = works.length > 1 ? `+${works.length - 1}` : "";
  const about = `${keyInPath(works[0]).slice(0, 16)}${more}`;
  const environment = workEnvironment();
  await submit(store, { about, args, elements, environment, script: workScript }, onMade);
}

/** Submits a job. What it is to run is written down before, so that it is known whatever happens. @throws FlowError slurm */
export async function submit(
  store: string,
  { about, args, elements, drives, environment, script }: Submission,
  onMade: (allocation: Allocation) => void = () => {},
): Promise<Allocation> {
  const id = crypto.randomUUID().slice(0, 8);
  const folder = join(allocationsFolder(store), id);
  const paths = allocationPaths(folder);
  const name = `protoflow-${about}-${id}`;
  makeJobFolder(folder);
  writeWhole(paths.script, script(folder));
  const file: AllocationFile = { id, name, elements, drives };
  replaceFile(paths.file, JSON.stringify(file));
  const allocation: Allocation = { ...file, folder, made: Date.now() };
  onMade(allocation);
  allocation.job = await submitSurely(name, [
    `--job-name=${name}`,
    `--array=0-${elements.length - 1}`,
    `--output=${join(folder, "slurm-%a.log")}`,
    "--open-mode=append",
    `--chdir=${folder}`,
    ...args,
    paths.script,
  ], environment);
  allocation.submitted = Date.now();
  replaceFile(paths.job, allocation.job);
  return allocation;
}

/** Where Slurm does not answer it may have the job nevertheless: it is looked for by its name before another try. */
async function submitSurely(
  name: string,
  args: readonly string[],
  environment: Submission["environment"],
): Promise<string> {
  for (const waitMs of RETRY_MS) {
    try {
      return await sbatch(args, environment);
    } catch (error) {
      if (!NO_ANSWER.test(messageOf(error))) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    const queue = await squeue();
    const found = typeof queue === "string" ? undefined : queue.find((queued) => queued.name === name);
    if (found !== undefined) return found.job;
  }
  return await sbatch(args, environment);
}

/** Variables of this process that programs on nodes need too, and no others. */
function workEnvironment(): Record<string, string> {
  const variables = PASSED_ON.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  return {
    ...Object.fromEntries(variables),
    DENO_DIR: denoFolder(),
    DENO_NO_UPDATE_CHECK: "1",
    NO_COLOR: "1",
  };
}

/** Until the program listens to it, a signal that its time will be up would end it. */
function workScript(folder: string): string {
  const program = [Deno.execPath(), "run", "--quiet", "--no-config", "--no-check", "-A", nodeModule, folder];
  return `#!/bin/sh\ntrap '' USR1\nexec ${program.map(quoted).join(" ")}\n`;
}

/** As a shell reads it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** `JOB_ELEMENT`, as commands of Slurm take it. */
export function elementId({ allocation, index }: JobElement): string {
  return `${allocation.job ?? allocation.name}_${index}`;
}

/** Whether Slurm may have the job although it does not show it: it was just being submitted. */
export function mayAppear({ job, made }: Allocation): boolean {
  return job === undefined && Date.now() - made < UNNAMED_MS;
}
