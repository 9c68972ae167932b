/** What the run records say must stay in the store. A record that can't be read may be of a run that needs anything. */

import { FlowError } from "../errors.ts";
import { messageOf } from "../failure.ts";
import { sha256Hex } from "../store/digest.ts";
import type { Roots } from "../store/gc.ts";
import { entriesOf, runPaths } from "../store/layout.ts";
import { readPlainText } from "../store/plain_file.ts";
import type { ActionKey } from "../store/types.ts";
import { parseRun, runKeys, type RunRecord } from "./runs.ts";

/** The last run of each workflow is a root, and of all others so many. */
const KEPT_RUNS = 10;

export interface RunRoots extends Roots {
  readonly runs: ReadonlySet<string>;
}

/**
 * The last and the pinned runs with their keys, and when each key was last used. Runs are ordered by their ids, each of
 * which is later than the one before, whatever the clock said.
 *
 * @throws FlowError gc-root where a record of a run, its table of keys, or a pin can't be read
 */
export function runRoots(store: string): RunRoots {
  const runs = new Set<string>();
  const keys = new Set<ActionKey>();
  const lastUsed = new Map<ActionKey, number>();
  // Before the records, so that a run which is recorded and pinned meanwhile is not missed among them.
  const pinned = new Set(orRefuse(runPaths(store).pins, () => entriesOf(runPaths(store).pins)));
  const ids = orRefuse(runPaths(store).folder, () => entriesOf(runPaths(store).folder))
    .flatMap((name) => (name.endsWith(".jsonl") ? [name.slice(0, -".jsonl".length)] : []));
  const lost = [...pinned].find((id) => !ids.includes(id));
  if (lost !== undefined) {
    throw refusal(runPaths(store).record(lost), `run ${lost} is pinned, and its record is missing`);
  }
  const workflows = new Set<string>();
  for (const [newest, id] of ids.toReversed().entries()) {
    const run = wholeRun(store, id);
    const isRoot = newest < KEPT_RUNS || pinned.has(id) || !workflows.has(run.head.workflow);
    workflows.add(run.head.workflow);
    if (isRoot) {
      runs.add(id);
      checkTables(store, run);
    }
    for (const key of Object.values(runKeys(store, run))) {
      if (isRoot) keys.add(key);
      if (!lastUsed.has(key)) lastUsed.set(key, Date.parse(run.head.started));
    }
  }
  return { runs, keys, lastUsed };
}

/** Folders that change whenever a run begins or is pinned. */
export function rootFolders(store: string): string[] {
  return [runPaths(store).folder, runPaths(store).pins];
}

/** A record may lack its end, of a run that was killed, and the last line may be torn then; all else must be there. */
function wholeRun(store: string, id: string): RunRecord {
  const path = runPaths(store).record(id);
  const text = orRefuse(path, () => readPlainText(path));
  const { run, damaged } = parseRun(text);
  if (run === undefined) throw refusal(path, `the record of run ${id} is empty or damaged`);
  if (damaged) throw refusal(path, `the record of run ${id} is damaged`);
  return run;
}

function checkTables(store: string, { end, tables }: RunRecord): void {
  for (const digest of [...tables, ...(end ? [end.keys] : [])]) {
    const path = runPaths(store).keys(digest);
    const text = orRefuse(path, () => readPlainText(path));
    if (sha256Hex(text) !== digest) throw refusal(path, "a run's table of keys is empty or damaged");
  }
}

function orRefuse<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw refusal(path, messageOf(error));
  }
}

function refusal(path: string, problem: string): FlowError {
  return new FlowError(
    "gc-root",
    `nothing was removed: ${problem} (${path}), so it is not known which results it needs. ` +
      `Restore it, or move away the record (and pin) of a run that is of no more use; then run gc again`,
  );
}
