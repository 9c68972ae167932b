/** Runs one task of a workflow: as one action, as a chain of them, or item by item. */

import type { ResolvedTask } from "../key/resolve.ts";
import { type ActionResult, runAction } from "./action.ts";
import { runChain } from "./chain.ts";
import { givenEnd, keepMade } from "./early_end.ts";
import type { Engine } from "./engine.ts";
import { executeKind, executeProgram } from "./execute.ts";
import { runItems } from "./items.ts";
import type { RunnableTask } from "./runnable.ts";
import { taskAction } from "./task_action.ts";

/** Runs a task without a cached result. `reason` says why it has to run. */
export async function runTask(engine: Engine, task: ResolvedTask, reason: string): Promise<ActionResult> {
  const kind = await task.kind.load();
  const resolved = { ...task, loaded: kind };
  const given = givenEnd(resolved);
  if (given !== undefined) {
    const ended = `${given}, as what it depends on`;
    return await keepMade(engine, resolved, () => given, { end: { ended: given }, ended, reason });
  }
  const result = await runWhole(engine, resolved, reason);
  if (result.result !== "failed" || !task.task.mayFail?.includes(result.failure ?? "")) return result;
  const ended = `failed, which is a result here: ${result.reason}`;
  return await keepMade(engine, resolved, () => "failed", { end: { ended: "failed" }, ended, reason });
}

async function runWhole(engine: Engine, resolved: RunnableTask, reason: string): Promise<ActionResult> {
  const kind = resolved.loaded;
  if (kind.chain) return await runChain(engine, resolved, reason);
  if (kind.items) return await runItems(engine, resolved, reason);
  return await runAction(engine, {
    ...taskAction(engine, resolved, reason),
    produce: (workspace, assignment) => {
      const execution = { engine, resolved, workspace, assignment };
      if (kind.program) return executeProgram(execution);
      return executeKind({
        ...execution,
        mode: { do: "run" },
        scratch: engine.store.scratchFolder(resolved.key),
        onEvent: (event) => {
          if (event.event === "progress") engine.observer.actionProgress?.(resolved.task.id, event.progress);
        },
      });
    },
  });
}
