/** What a task asks for in the words of `sbatch`. */

import type { WorkOrder } from "../executor/executor.ts";
import type { ClusterSize } from "./commands.ts";
import type { SlurmChoice } from "./settings.ts";

/** The programs beside the task's own, which start it and look after it: measured, they take 250 MiB. */
const OWN_MEMORY_MB = 320;
/** Beyond a time limit of the task's own, for the start and the end of the job. */
const OWN_MINUTES = 2;

/** So long before its time is up a job is told. Slurm may tell it up to a minute earlier. */
const NOTICE_SECONDS = 60;

/** The script of the job gets the signal, and no other of its processes. */
export const noticeOption = `--signal=B:USR1@${NOTICE_SECONDS}`;

/** The options of one work; works with the same ones can share a job. */
export interface JobOptions {
  readonly args: readonly string[];
  /** Of one work; undefined where the partition's limit holds. */
  readonly minutes?: number;
}

/** @param largest the largest node: a task written for a larger one still runs */
export function jobOptions(
  { assignment, process, chain }: Pick<WorkOrder, "assignment" | "chain"> & {
    readonly process: { readonly timeLimitMs?: number };
  },
  choice: SlurmChoice,
  largest: ClusterSize["largest"],
): JobOptions {
  const { partition, account, qos, constraint, flags = [] } = choice;
  const memoryMB = memoryOf(assignment.memoryMB, choice, largest);
  const gres = gresOf(assignment, choice);
  const named = { partition, account, qos, constraint, mem: memoryMB && `${memoryMB}M`, gres };
  const limit = process.timeLimitMs;
  return {
    args: [
      "--nodes=1",
      "--ntasks=1",
      `--cpus-per-task=${Math.min(Math.max(1, Math.ceil(assignment.cpu)), largest.cpu)}`,
      ...Object.entries(named).flatMap(([name, value]) => value === undefined ? [] : [`--${name}=${value}`]),
      ...(chain === undefined ? [] : [noticeOption]),
      ...flags,
    ],
    minutes: choice.time !== undefined
      ? minutesOf(choice.time)
      : limit === undefined
      ? undefined
      : Math.ceil(limit / 60_000) + OWN_MINUTES,
  };
}

function memoryOf(
  assigned: number,
  { memoryMB }: SlurmChoice,
  largest: ClusterSize["largest"],
): number | undefined {
  const stated = assigned > 0 ? assigned : memoryMB;
  return stated === undefined ? undefined : Math.min(Math.ceil(stated) + OWN_MEMORY_MB, largest.memoryMB);
}

/** A part of a GPU is a whole one where the cluster does not divide them: nobody else gets the rest. */
function gresOf(
  { gpus, gpuShare }: WorkOrder["assignment"],
  { shardsPerGpu }: SlurmChoice,
): string | undefined {
  if (gpus.length === 0) return undefined;
  if (gpuShare < 1 && shardsPerGpu !== undefined) return `shard:${Math.ceil(gpuShare * shardsPerGpu)}`;
  return `gpu:${gpus.length}`;
}

/** Minutes of a time as Slurm writes it: `MM`, `MM:SS`, `HH:MM:SS`, `D-HH`, `D-HH:MM` or `D-HH:MM:SS`. */
export function minutesOf(time: string): number {
  const [clock, days] = time.split("-").reverse();
  const parts = clock.split(":").map(Number);
  const [hours, minutes, seconds] = days !== undefined
    ? [parts[0], parts[1] ?? 0, parts[2] ?? 0]
    : parts.length === 3
    ? parts
    : [0, parts[0], parts[1] ?? 0];
  return Math.ceil(Number(days ?? 0) * 1440 + hours * 60 + minutes + seconds / 60);
}
