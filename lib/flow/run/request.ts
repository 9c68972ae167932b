/** The resources that a task requests. */

import type { Estimate } from "../demand.ts";
import type { RunnableTask } from "./runnable.ts";
import { WEBGPU } from "../resources/device_choice.ts";
import type { Machine, ResourceRequest } from "../resources/resources.ts";

/**
 * The kind's resources, with the cores and memory that the workflow names, or the memory that its demand estimates; a
 * kind that states none gets one core. A task on a GPU asks for no more cores than belong to its
 * part of the GPUs, so that no GPU is idle for want of cores.
 */
export function resourceRequest(
  { loaded, task, compute }: RunnableTask,
  machine: Machine,
  estimate?: Estimate,
): ResourceRequest {
  const { resources } = loaded;
  const kinds = (typeof resources === "function" ? resources(task.params) : resources) ?? {};
  const { gpu = 0 } = kinds;
  const stated = task.memoryMB ?? kinds.memoryMB;
  const memoryMB = stated ?? estimate?.memoryMB ?? 0;
  const least = stated === undefined && estimate?.leastMB !== undefined && { leastMB: estimate.leastMB };
  const cpu = task.cores ?? kinds.cpu ?? 1;
  if (compute.gpu === 0) return { cpu, memoryMB, ...least, gpu };
  const adapter = compute.device === WEBGPU;
  const gpus = adapter ? 1 : Math.max(1, machine.gpus.length);
  return {
    cpu: Math.min(cpu, machine.cpu * compute.gpu / gpus),
    memoryMB,
    ...least,
    gpu: Math.max(gpu, compute.gpu),
    ...(adapter && { adapter }),
  };
}
