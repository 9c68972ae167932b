/** The last time that a task was run, whatever has changed since, from the run records and the history. */

import type { History } from "./history.ts";
import { failedLogPath } from "../store/layout.ts";
import type { Store } from "../store/store.ts";
import type { ActionKey } from "../store/types.ts";
import { readRun, runIds } from "./runs.ts";
import { isThere } from "../../system/is_there.ts";

/** The last run of a task. */
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

/** The log of an action. */
export interface KeptLog {
  /** The file that holds it; absent where it printed nothing. */
  readonly path?: string;
}

/** The log of a run of a task; undefined where it is no longer kept, or the run failed before its key was known. */
export async function logOf(
  store: Store,
  { key, outcome }: Pick<LastRun, "key" | "outcome">,
): Promise<KeptLog | undefined> {
  if (key === undefined) return undefined;
  if (outcome === "failed") {
    const path = failedLogPath(store.folder, key);
    return isThere(path) ? { path } : undefined;
  }
  const log = store.getRecord(key)?.facts.log;
  if (log === undefined) return store.getRecord(key) && {};
  const path = await store.fileOf(log);
  return path === undefined ? undefined : { path };
}
