/** Reads run records: the list of runs, their outcomes, and those still running. */

import { entriesOf, runPaths } from "../store/layout.ts";
import { FlowError } from "../errors.ts";
import { Watch } from "../store/owner.ts";
import { readOrEmpty } from "../store/small_files.ts";
import { StatKey } from "../store/stat_key.ts";
import type { ActionKey } from "../store/types.ts";
import { nearest } from "../suggest.ts";
import type { ActionOutcome } from "../events.ts";
import { type RunEnd, type RunHead, type RunNow } from "./journal.ts";

/** The record of a run, as its journal tells it. */
export interface RunRecord {
  readonly head: RunHead;
  /** The actions that were not reused, in the order in which they ended. */
  readonly outcomes: readonly ActionOutcome[];
  /** Absent while it goes on, and for one that died. */
  readonly end?: RunEnd;
  /** The digests of the tables of keys that were written before its end. */
  readonly tables: readonly string[];
  /** Of what it reused after it had written a table. */
  readonly reused: Readonly<Record<string, ActionKey>>;
}

/** The ids of all runs, oldest first. */
export function runIds(store: string): string[] {
  return entriesOf(runPaths(store).folder).flatMap((name) =>
    name.endsWith(".jsonl") ? [name.slice(0, -".jsonl".length)] : []
  );
}

/** The id that `given` stands for: an id, the beginning of just one, or `last`. @throws FlowError no-run */
export function runIdOf(store: string, given: string): string {
  const ids = runIds(store);
  const last = ids.at(-1);
  if (given === "last" && last !== undefined) return last;
  const fitting = ids.filter((id) => id === given || id.startsWith(given));
  if (fitting.length === 1 || fitting[0] === given) return fitting[0];
  const near = fitting.length > 1 ? `it could be ${fitting.slice(0, 5).join(", ")}` : undefined;
  const suggestion = nearest(given, ids) ?? last;
  const help = near ??
    (suggestion ? `did you mean ${suggestion}? (deno task runs lists them)` : "nothing was run yet");
  throw new FlowError("no-run", `there is no run "${given}"; ${help}`);
}

/** The record of a run; undefined where its file is not one. A last line torn by a crash is left out. */
export function readRun(store: string, id: string): RunRecord | undefined {
  return parseRun(readOrEmpty(runPaths(store).record(id))).run;
}

/** The record in a text. `damaged`: a line before the last makes no sense, or the last one where the run has ended. */
export function parseRun(text: string): { run?: RunRecord; damaged: boolean } {
  let head: RunHead | undefined;
  let end: RunEnd | undefined;
  const outcomes: ActionOutcome[] = [];
  const tables: string[] = [];
  const reused: Record<string, ActionKey> = {};
  const lines = text.split("\n");
  const torn: number[] = [];
  lines.forEach((line, i) => {
    // The error of what can't be parsed would take longer than all else, and each whole text has an empty last line.
    const event = line === "" ? undefined : parse(line);
    if (event === undefined) torn.push(i);
    else if (event.event === "run") head = event as unknown as RunHead;
    else if (event.event === "done") end = event as unknown as RunEnd;
    else if (event.event === "reuses") tables.push(String(event.keys));
    else if (event.event === "reused") reused[String(event.id)] = event.key as ActionKey;
    else if (typeof event.outcome === "string") outcomes.push(event as unknown as ActionOutcome);
  });
  // A whole text ends with a line break: nothing stands in its last line.
  const damaged = torn.some((i) => i < lines.length - 1) || (end !== undefined && lines.at(-1) !== "");
  return { run: head && { head, outcomes, end, tables, reused }, damaged };
}

/** The keys of a run's tasks, by task id; for a run that died, those reported before. */
export function runKeys(
  store: string,
  { end, outcomes, tables, reused }: RunRecord,
): Record<string, ActionKey> {
  const table = (digest: string) =>
    parse(readOrEmpty(runPaths(store).keys(digest))) as Record<string, ActionKey> | undefined;
  const all = end && table(end.keys);
  if (all) return all;
  return Object.assign(
    {},
    ...tables.map(table),
    reused,
    ...outcomes.map((o) => (o.outcome === "ran" || o.outcome === "joined" ? { [o.id]: o.key } : {})),
  );
}

/** Whether the process of a run without an end is still there. */
export function isAlive(store: string, { head }: Pick<RunRecord, "head">): boolean {
  // A run that has just begun has not written it yet.
  const changed = StatKey.of(runPaths(store).now(head.run))?.modifiedAt ?? 0;
  return !new Watch().isDead(head.owner, changed);
}

/** The last known activity of a run. */
export function runNow(store: string, id: string): RunNow | undefined {
  return parse(readOrEmpty(runPaths(store).now(id))) as RunNow | undefined;
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The ids of pinned runs, sorted. */
export function pinnedRuns(store: string): string[] {
  return entriesOf(runPaths(store).pins);
}
