/** The resources that a task requests. */

import type { RunnableTask } from "./runnable.ts";
import type { ResourceRequest } from "../resources/resources.ts";

/** The kind's resources; a kind that states none gets one core. */
export function resourceRequest({ loaded, task }: RunnableTask): ResourceRequest {
  const stated = loaded.resources;
  const { cpu = 1, memoryMB = 0, gpu = 0 } = (typeof stated === "function" ? stated(task.params) : stated) ??
    {};
  return { cpu, memoryMB, gpu };
}
