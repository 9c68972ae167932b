/** Per-item work: each item's result is cached under its own key; many items share a process and fail separately. */

import { join } from "node:path";
import { FlowError } from "../errors.ts";
import type { Item } from "../kind.ts";
import { type ItemAction, itemActions } from "../key/items.ts";
import type { RunnableTask } from "./runnable.ts";
import { artifactOf } from "../store/digest.ts";
import type { ActionRecord, TreeEntry } from "../store/types.ts";
import { type ActionResult, type Produced, runAction } from "./action.ts";
import { type Engine, usableRecord } from "./engine.ts";
import { executeKind, type Execution } from "./execute.ts";
import { runItemBatches } from "./item_batches.ts";
import type { ProcessResult } from "../process/process.ts";
import { lendOutput, removeLent } from "./lend.ts";
import { taskAction } from "./task_action.ts";

/** Answers of a shared cache take a while; but files whose digest is not known any more are read, so few at once. */
const LOOKUPS_AT_ONCE = 32;

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

async function produce(execution: Execution): Promise<Produced> {
  const { engine, resolved } = execution;
  const { items, result: listed } = await listItems(execution);
  if (listed.reason.kind !== "ok") return listed;
  const actions = itemActions(resolved, items, (output) => engine.inputStore.artifact(output));
  const results = await keptResults(engine, actions);
  const missing = actions.filter(({ item }) => !results.has(item.id));
  const batches = await runItemBatches(execution, missing, results);
  if (batches.reason.kind !== "ok") return batches;
  const { inOutputs, all } = entriesOfItems(execution, actions.map((action) => action.item.id), results);
  const collected = await collect(execution, actions.map((action) => action.item.id), all);
  const parts = [listed, batches, collected];
  return {
    reason: collected.reason,
    ms: parts.reduce((sum, part) => sum + part.ms, 0),
    cpuMs: parts.reduce((sum, part) => sum + part.cpuMs, 0),
    peakBytes: Math.max(...parts.map((part) => part.peakBytes)),
    kept: inOutputs,
  };
}

/** The results that there are, by item. */
async function keptResults(
  engine: Engine,
  actions: readonly ItemAction[],
): Promise<Map<string, ActionRecord>> {
  const packed = await engine.store.packedItems(actions.map(({ key }) => key));
  const found = new Map(packed);
  const others = actions.filter(({ key }) => !packed.has(key));
  let next = 0;
  const lookUp = async () => {
    while (next < others.length) {
      const { key } = others[next++];
      const record = await usableRecord(engine, key);
      if (record !== undefined) found.set(key, record);
    }
  };
  await Promise.all(Array.from({ length: LOOKUPS_AT_ONCE }, lookUp));
  return new Map(
    actions.flatMap(({ key, item }) => {
      const record = found.get(key);
      return record === undefined ? [] : [[item.id, record]];
    }),
  );
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

interface ItemEntries {
  /** By output, the items' files that are part of it as they are. */
  readonly inOutputs: Readonly<Record<string, readonly TreeEntry[]>>;
  /** All files of all items, by output and item. */
  readonly all: readonly TreeEntry[];
}

function entriesOfItems(
  { engine: { store }, resolved }: Execution,
  ids: readonly string[],
  results: ReadonlyMap<string, ActionRecord>,
): ItemEntries {
  const { collect, folders } = resolved.loaded.items!;
  const inOutputs: Record<string, readonly TreeEntry[]> = Object.create(null);
  const all: TreeEntry[] = [];
  for (const output of resolved.task.outputs) {
    const entries = ids.flatMap((id) => {
      const artifact = store.artifact(results.get(id)!.outputs[output]);
      if (!artifact) {
        throw new FlowError("store-io", `the result of item ${id} is damaged; run again to rebuild it`);
      }
      return artifact.entries.map((entry) => below(id, entry));
    });
    const folder = folders?.[output];
    if (folder !== undefined) inOutputs[output] = entries.map((entry) => below(folder, entry));
    else if (!collect) inOutputs[output] = entries;
    if (collect) all.push(...entries.map((entry) => below(output, entry)));
  }
  return { inOutputs, all };
}

function below(folder: string, entry: TreeEntry): TreeEntry {
  return { ...entry, path: entry.path === "" ? folder : `${folder}/${entry.path}` };
}

/** Puts the items' outputs where `collect` finds them; without `collect` nothing is left to do. */
async function collect(
  execution: Execution,
  ids: readonly string[],
  entries: readonly TreeEntry[],
): Promise<ProcessResult> {
  const { engine: { store, executor }, resolved, workspace } = execution;
  if (!resolved.loaded.items!.collect) return { reason: { kind: "ok" }, ms: 0, cpuMs: 0, peakBytes: 0 };
  const folder = join(workspace.temporary, "items");
  if (!executor.isBegun(workspace.cwd, "collect")) {
    // What a run that was killed had lent may not be complete.
    if (workspace.isTakenUp) removeLent(workspace, folder);
    await lendOutput(workspace, store, artifactOf(entries), folder);
  }
  return await executeKind({
    ...execution,
    mode: { do: "collect", ids, folder },
    scratch: store.scratchFolder(resolved.key),
    onEvent: () => {},
  });
}
