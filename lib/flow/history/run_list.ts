/** The list of runs, from the first and last lines of their records: what happened in between is not read. */

import { ownTime } from "../store/file_clock.ts";
import { isMissing } from "../../system/is_there.ts";
import { runPaths } from "../store/layout.ts";
import { isElsewhere } from "../store/owner.ts";
import { isNotPlain, openPlain, readPlainText } from "../store/plain_file.ts";
import { StatKey } from "../store/stat_key.ts";
import type { RunEnd, RunHead } from "./journal.ts";
import { isAlive, parseRun, runIds } from "./runs.ts";

/** `silent`: a run on another machine of which nothing was heard for some time; whether it lives can't be told here. */
export type RunState = "running" | "silent" | "died" | "failed" | "interrupted" | "done";

/** A run without its outcomes. */
export interface ListedRun {
  readonly head: RunHead;
  /** Absent while it goes on, and for one that died. */
  readonly end?: RunEnd;
  readonly state: RunState;
}

/** So much is read of each end of a record. */
const END_BYTES = 16 * 1024;
/** A run shows every ten seconds that it lives. */
const SILENT_MS = 120_000;

/** All runs, oldest first; records that can't be understood are left out. */
export function listRuns(store: string): ListedRun[] {
  return runIds(store).flatMap((id) => listRun(store, id) ?? []);
}

/** One run; undefined where it has no record that can be understood. */
export function listRun(store: string, id: string): ListedRun | undefined {
  const text = endsOf(runPaths(store).record(id));
  const run = text === undefined ? undefined : parseRun(text).run;
  return run && { head: run.head, end: run.end, state: stateOf(store, run) };
}

/** The state of a run whose record has this beginning and end. */
function stateOf(store: string, { head, end }: Pick<ListedRun, "head" | "end">): RunState {
  if (end) return end.failed > 0 ? "failed" : end.skipped > 0 ? "interrupted" : "done";
  if (!isElsewhere(head.owner)) return isAlive(store, { head }) ? "running" : "died";
  const { now, record } = runPaths(store);
  const heard = Math.max(
    ...[now(head.run), record(head.run)].map((path) => {
      const key = StatKey.of(path);
      return key === undefined ? 0 : ownTime(key);
    }),
  );
  return Date.now() - heard < SILENT_MS ? "running" : "silent";
}

/** The first and the last line of a file, as far as they are whole; undefined where it was removed a moment ago, or is none. */
function endsOf(path: string): string | undefined {
  try {
    // One call in place of four, where there are thousands of records.
    if ((StatKey.of(path)?.size ?? 0) <= buffer.length) {
      const whole = readPlainText(path);
      return firstAndLast(whole, whole);
    }
    using file = openPlain(path);
    const read = readInto(file);
    const beginning = decode(buffer.subarray(0, read));
    if (read < buffer.length) return firstAndLast(beginning, beginning);
    if (!beginning.includes("\n")) {
      const whole = readPlainText(path);
      return firstAndLast(whole, whole);
    }
    file.seekSync(-buffer.length, Deno.SeekMode.End);
    return firstAndLast(beginning, decode(buffer.subarray(0, readInto(file))));
  } catch (error) {
    if (isMissing(error) || isNotPlain(error)) return undefined;
    throw error;
  }
}

const buffer = new Uint8Array(END_BYTES);
const decoder = new TextDecoder();
const decode = (bytes: Uint8Array) => decoder.decode(bytes);

function firstAndLast(beginning: string, ending: string): string {
  const first = beginning.slice(0, beginning.indexOf("\n") + 1);
  const last = ending.lastIndexOf("\n");
  return first + ending.slice(ending.lastIndexOf("\n", last - 1) + 1, last + 1);
}

/** Fills the buffer, as far as there is something to read. */
function readInto(file: Deno.FsFile): number {
  let length = 0;
  while (length < buffer.length) {
    const read = file.readSync(buffer.subarray(length));
    if (read === null) break;
    length += read;
  }
  return length;
}
