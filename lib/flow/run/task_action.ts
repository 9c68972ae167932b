/** The common part of a task's actions, independent of how they make their outputs. */

import type { Action } from "./action.ts";
import type { Engine } from "./engine.ts";
import { launcherOf } from "./execute.ts";
import { resourceRequest } from "./request.ts";
import type { RunnableTask } from "./runnable.ts";

/** The action of a whole task, except for `produce`. */
export function taskAction(engine: Engine, resolved: RunnableTask, reason: string): Omit<Action, "produce"> {
  const { task: { id }, kind, compute, key, manifest, inputs, loaded } = resolved;
  const estimate = engine.estimates.get(id);
  return {
    id,
    key,
    manifest,
    inputs,
    changedCode: kind.changedCode,
    request: resourceRequest(resolved, engine.queue.pool.machine, estimate),
    bytes: estimate?.bytes,
    device: compute.device,
    launcher: () => launcherOf(engine, resolved),
    retries: loaded.retries,
    ...(loaded.program ? { isProgram: true } : { scratch: true }),
    reason,
    expectedMs: engine.history.expectedMs(resolved.task),
  };
}
