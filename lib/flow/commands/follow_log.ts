/** Follows the log of a task that another process runs, step by step, until it has ended. */

import { logLines } from "../display/log_text.ts";
import { note, print } from "../display/terminal.ts";
import { chainLogs, type StepLog } from "../history/chain_logs.ts";
import type { ActionNow } from "../history/journal.ts";
import { logOf } from "../history/last_run.ts";
import { listRun, listRuns } from "../history/run_list.ts";
import { readRun, runNow } from "../history/runs.ts";
import { AppendedLines } from "../store/appended_lines.ts";
import type { Store } from "../store/store.ts";
import { actionKey } from "../store/manifest.ts";
import type { ActionKey, Manifest } from "../store/types.ts";
import type { OneTask } from "./one_task.ts";

const LOOK_MS = 250;

/**
 * Prints the log of a task as it grows, with the steps before it, until the task has ended.
 *
 * @param before the logs of its earlier steps
 * @returns false where no run is running that has the task still to end
 */
export async function followLog(
  { planned, store, workflow }: OneTask,
  before: readonly StepLog[],
): Promise<boolean> {
  const { id } = planned.task;
  const runs = listRuns(store.folder).filter(({ head, state }) =>
    state === "running" && head.file === workflow.file && taskIn(store, head.run, id) !== "ended"
  );
  const run = runs.find(({ head }) => taskIn(store, head.run, id) !== undefined) ?? runs.at(-1);
  if (!run) return false;
  const log = new GrowingLog(store, "resolved" in planned ? planned.resolved.manifest : undefined);
  log.printRest(before);
  if (taskIn(store, run.head.run, id) === undefined) note(`${id} waits to be run in run ${run.head.run}`);
  for (;;) {
    // Whether the run goes on is asked first: what it has written by its end is seen then.
    const isRunning = listRun(store.folder, run.head.run)?.state === "running";
    const now = taskIn(store, run.head.run, id);
    if (now !== undefined && now !== "ended") await log.follow(now);
    else if (now === "ended" || !isRunning) break;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  const outcome = readRun(store.folder, run.head.run)?.outcomes.find((one) => one.id === id);
  await log.end(outcome && "key" in outcome ? outcome.key : undefined, outcome?.outcome === "failed");
  if (outcome?.outcome === "failed") note(`${id} failed: ${outcome.reason}`);
  else if (!outcome) note(`run ${run.head.run} has ended, and ${id} has not come to its end`);
  return true;
}

/** The task while it runs, or that it has ended; undefined where it has not begun. */
function taskIn(store: Store, run: string, id: string): ActionNow | "ended" | undefined {
  const now = runNow(store.folder, run)?.actions.find((action) => action.id === id);
  const isEnded = readRun(store.folder, run)?.outcomes.some((outcome) => outcome.id === id);
  return isEnded ? "ended" : now;
}

/** A chain of more steps is not searched for the one that is running. */
const MOST_STEPS = 10_000;

/** What has been printed of the logs of a task's steps, each of which is written, ends, and is kept. */
class GrowingLog {
  readonly #printed = new Map<ActionKey, number>();
  #now: { readonly key: ActionKey; readonly lines: AppendedLines } | undefined;

  /** @param manifest of the task as it is defined now */
  constructor(readonly store: Store, private manifest: Manifest | undefined) {}

  async follow({ key, log }: ActionNow): Promise<void> {
    if (key === undefined || log === undefined) return;
    const path = `${this.store.folder}/${log}`;
    if (this.#now?.key !== key) {
      if (this.#now) await this.#rest(this.#now.key, false);
      this.printRest(await this.#stepsBefore(key));
      this.#now = { key, lines: new AppendedLines(path) };
    }
    const lines = this.#now.lines.read();
    print(...lines);
    this.#count(key, lines.length);
  }

  /** Prints what was written last. `key` is that of the last step, where it is known. */
  async end(key: ActionKey | undefined, hasFailed: boolean): Promise<void> {
    const last = key ?? this.#now?.key;
    if (this.#now && last !== this.#now.key) await this.#rest(this.#now.key, false);
    if (last === undefined) return;
    this.printRest(await this.#stepsBefore(last));
    await this.#rest(last, hasFailed);
  }

  /** The log that is kept has all of it. */
  async #rest(key: ActionKey, hasFailed: boolean): Promise<void> {
    this.manifest = this.store.getRecord(key)?.manifest ?? this.manifest;
    const { path } = await logOf(this.store, { key, outcome: hasFailed ? "failed" : "ran" }) ?? {};
    if (path !== undefined) this.printRest([{ key, path }]);
  }

  /** Of a chain: the logs of the steps before that of `key`, which may have begun and ended between two looks. */
  async #stepsBefore(key: ActionKey): Promise<StepLog[]> {
    if (this.manifest?.step === undefined) return [];
    for (let step = 1; step <= MOST_STEPS; step++) {
      const at = { ...this.manifest, step };
      if (actionKey(at) === key) return await chainLogs(this.store, { ...at, step: step - 1 });
    }
    return [];
  }

  /** Prints the lines of logs that were not printed before. */
  printRest(logs: readonly StepLog[]): void {
    for (const { key, path } of logs) {
      let passed = this.#printed.get(key) ?? 0;
      for (const lines of logLines(path)) {
        print(...lines.slice(passed));
        this.#count(key, Math.max(0, lines.length - passed));
        passed = Math.max(0, passed - lines.length);
      }
    }
  }

  #count(key: ActionKey, lines: number): void {
    this.#printed.set(key, (this.#printed.get(key) ?? 0) + lines);
  }
}
