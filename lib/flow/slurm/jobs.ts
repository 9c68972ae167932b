/** The jobs of a store that Slurm has at this moment, whether a run follows them or not. */

import type { JobPlace } from "../place.ts";
import { elementId, type JobElement, readAllocations } from "./allocations.ts";
import type { QueuedJob } from "./commands.ts";
import { readJson, type StartedFile, type WorkFile, workPaths } from "./files.ts";
import { hasEnded, isWaiting } from "./job_end.ts";
import { Queue } from "./queue.ts";

/** An element of a job that waits or runs. */
export interface StoreJob extends JobPlace {
  /** The tasks in it that have no result yet. */
  readonly tasks: readonly string[];
  /** The command line of the run that it drives. */
  readonly drives?: string;
}

/** An element of an allocation that Slurm has, and has not ended. */
export interface LivingElement extends JobElement {
  readonly queued: QueuedJob;
  /** Of its works. */
  readonly paths: readonly string[];
}

/** @returns a text where Slurm can't be asked; it is not asked where the store has no jobs */
export async function livingElements(store: string): Promise<LivingElement[] | string> {
  const allocations = readAllocations(store);
  if (allocations.length === 0) return [];
  const queue = new Queue();
  await queue.ask();
  if (queue.problem !== undefined) return queue.problem;
  return allocations.flatMap((allocation) =>
    allocation.elements.flatMap((paths, index) => {
      const queued = queue.find({ allocation, index });
      return queued === undefined || hasEnded(queued) ? [] : [{ allocation, index, queued, paths }];
    })
  );
}

/** @returns a text where Slurm can't be asked */
export async function jobsOf(store: string): Promise<StoreJob[] | string> {
  const elements = await livingElements(store);
  if (typeof elements === "string") return elements;
  return elements.map(({ allocation, index, queued, paths }) => {
    const { job, reason, node, since } = queued;
    const open = paths.filter((path) => readJson(workPaths(path).result) === undefined);
    const tasks = open.flatMap((path) => readJson<WorkFile>(workPaths(path).work)?.task ?? []);
    const { drives } = allocation;
    const id = elementId({ allocation: { ...allocation, job }, index });
    if (isWaiting(queued)) return { state: "pending", job: id, why: reason, tasks, drives };
    const gpus = open.flatMap((path) => readJson<StartedFile>(workPaths(path).started)?.gpus ?? []);
    return { state: "running", job: id, node, since, gpus, tasks, drives };
  });
}
