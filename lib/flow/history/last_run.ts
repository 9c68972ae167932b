/** The last time that a task was run, whatever has changed since, from the run records and the history. */

import type { History } from "./history.ts";
import { failedLogPath } from "../store/layout.ts";
import type { Store } from "../store/store.ts";
import type { ActionKey } from "../store/types.ts";
import { readRun, runIds } from "./runs.ts";

export interface LastRun {
  readonly outcome: "ran" | "joined" | "failed";
  /** Absent where it failed before its key was known. */
  readonly key?: ActionKey;
  /** ISO 8601, UTC. */
  readonly started: string;
  /** Absent where its record is no longer kept. */
  readonly run?: string;
  /** Why it failed, or why it had to run. */
  readonly reason?: string;
}

/** Undefined where nothing is known of the task. */
export function lastRunOf(
  store: string,
  workflow: string,
  task: string,
  history: History,
): LastRun | undefined {
  for (const id of runIds(store).toReversed()) {
    const run = readRun(store, id);
    if (run?.head.workflow !== workflow) continue;
    const last = run.outcomes.find(({ id, outcome }) =>
      id === task && ["ran", "joined", "failed"].includes(outcome)
    );
    if (!last || last.outcome === "reused" || last.outcome === "skipped") continue;
    const { outcome, key, reason } = last;
    return { outcome, key, started: run.head.started, run: id, reason };
  }
  const entry = history.of(task).at(-1);
  return entry && { outcome: "ran", key: entry.key, started: new Date(entry.at).toISOString() };
}

/** What an action printed; undefined where that is no longer kept. */
export function logOf(store: Store, key: ActionKey, outcome: LastRun["outcome"]): string | undefined {
  if (outcome === "failed") {
    try {
      return Deno.readTextFileSync(failedLogPath(store.folder, key));
    } catch {
      return undefined; // gc has removed it, or its disk was full.
    }
  }
  const record = store.getRecord(key);
  return record && (record.facts.log === undefined ? "" : store.getText(record.facts.log));
}
