/** What the actions of a task have in common, however they make their outputs. */

import type { Action } from "./action.ts";
import type { Engine } from "./engine.ts";
import { resourceRequest } from "./request.ts";
import type { RunnableTask } from "./runnable.ts";

/** The action that makes the whole of a task, but for how it does. */
export function taskAction(engine: Engine, resolved: RunnableTask, reason: string): Omit<Action, "produce"> {
  const { task: { id }, kind, key, manifest, inputs, loaded } = resolved;
  return {
    id,
    key,
    manifest,
    inputs,
    changedCode: kind.changedCode,
    request: resourceRequest(resolved),
    retries: loaded.retries,
    ...(loaded.program ? {} : { scratch: true }),
    reason,
    expectedMs: engine.history.expectedMs(id),
  };
}
