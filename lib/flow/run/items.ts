/** Per-item work: each item's result is cached under its own key; many items share a process and fail separately. */

import { makeFolder } from "../store/layout.ts";
import { join } from "node:path";
import { FlowError } from "../errors.ts";
import type { Item } from "../kind.ts";
import { type ItemAction, itemActions } from "../key/items.ts";
import type { RunnableTask } from "./runnable.ts";
import type { ActionRecord } from "../store/types.ts";
import { type ActionResult, runAction } from "./action.ts";
import { type Engine, usableRecord } from "./engine.ts";
import { executeKind, type Execution } from "./execute.ts";
import { runItemBatches } from "./item_batches.ts";
import type { ProcessResult } from "../process/process.ts";
import { lendOutput } from "./lend.ts";
import { taskAction } from "./task_action.ts";

/**
 * Lists the items, runs those without a result, and makes the task's outputs from all results. Single flight is that of
 * the task: two different tasks that share items may both run them, and keep one result.
 */
export function runItems(engine: Engine, resolved: RunnableTask, reason: string): Promise<ActionResult> {
  return runAction(engine, {
    ...taskAction(engine, resolved, reason),
    produce: (workspace, assignment) => produce({ engine, resolved, workspace, assignment }),
  });
}

async function produce(execution: Execution): Promise<ProcessResult> {
  const { engine, resolved } = execution;
  const { items, result: listed } = await listItems(execution);
  if (listed.reason.kind !== "ok") return listed;
  const actions = itemActions(resolved, items, (output) => engine.inputStore.artifact(output));
  const results = new Map<string, ActionRecord>();
  const missing: ItemAction[] = [];
  for (const action of actions) {
    const record = await usableRecord(engine.store, action.key);
    if (record) results.set(action.item.id, record);
    else missing.push(action);
  }
  const batches = await runItemBatches(execution, missing, results);
  if (batches.reason.kind !== "ok") return batches;
  const collected = await collect(execution, actions.map((action) => action.item.id), results);
  const parts = [listed, batches, collected];
  return {
    reason: collected.reason,
    ms: parts.reduce((sum, part) => sum + part.ms, 0),
    cpuMs: parts.reduce((sum, part) => sum + part.cpuMs, 0),
    peakBytes: Math.max(...parts.map((part) => part.peakBytes)),
  };
}

/** Listing is not kept: it is done whenever the task itself has no result. */
async function listItems(execution: Execution): Promise<{ items: readonly Item[]; result: ProcessResult }> {
  let items: readonly Item[] = [];
  const result = await executeKind({
    ...execution,
    mode: { do: "list" },
    scratch: execution.engine.store.scratchFolder(execution.resolved.key),
    onEvent: (event) => {
      if (event.event === "items") items = event.items;
    },
  });
  return { items, result };
}

/** Puts the items' outputs where `collect` finds them; without `collect` that is the task's output. */
async function collect(
  execution: Execution,
  ids: readonly string[],
  results: ReadonlyMap<string, ActionRecord>,
): Promise<ProcessResult> {
  const { engine, resolved, workspace } = execution;
  const { store } = engine;
  const begin = performance.now();
  const by = resolved.loaded.items!.collect;
  const folder = by ? join(workspace.temporary, "items") : workspace.out;
  for (const output of resolved.task.outputs) {
    makeFolder(join(folder, output));
    for (const id of ids) {
      const artifact = store.artifact(results.get(id)!.outputs[output]);
      if (!artifact) {
        throw new FlowError("store-io", `the result of item ${id} is damaged; run again to rebuild it`);
      }
      const path = join(folder, output, id);
      if (by) await lendOutput(workspace, store, artifact, path);
      else await store.materialise(artifact, path);
    }
  }
  if (!by) return { reason: { kind: "ok" }, ms: performance.now() - begin, cpuMs: 0, peakBytes: 0 };
  return await executeKind({
    ...execution,
    mode: { do: "collect", ids, folder },
    scratch: store.scratchFolder(resolved.key),
    onEvent: () => {},
  });
}
