/** The keys and durations of each task's earlier runs: for time estimates and for `why`. */

import { LAYOUT, makeFolder } from "../store/layout.ts";
import { replaceFile } from "../store/replace_file.ts";
import { join } from "node:path";
import { attempt } from "../store/io.ts";
import { appendPlain, readPlainText } from "../store/plain_file.ts";
import { readOrEmpty } from "../store/small_files.ts";
import type { ExpandedTask } from "../definition/expanded.ts";
import type { Json } from "../json.ts";
import { canonicalJson } from "../store/canonical_json.ts";
import { filesByPath, sha256Hex } from "../store/digest.ts";
import type { ActionKey, Artifact, TreeDigest } from "../store/types.ts";
import { isThere } from "../../system/is_there.ts";

/** One earlier run of a task; `ms` is its duration in milliseconds. */
export interface HistoryEntry {
  readonly task: string;
  readonly key: ActionKey;
  readonly ms: number;
  /** Steps of a chain or items that were done in that time. */
  readonly units?: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Of its params, as canonical JSON: the first digits of SHA-256. Absent, as the two below, in older entries. */
  readonly params?: string;
  /** The profile of the run; empty without one. */
  readonly profile?: string;
  readonly device?: string;
}

/** What a run was asked for that bears on all its times. */
export interface TimedRun {
  readonly profile?: string;
  readonly device?: string;
}

/** A task of which the time is looked up. */
export type TimedTask = Pick<ExpandedTask, "id" | "params" | "inputs">;

/** For so many tasks the text is searched; for more it is taken apart once. */
const MOST_SEARCHES = 10;
/** How a line begins: `{"task":"NAME","key":…`. */
const BEFORE_TASK = '{"task":';
const AFTER_TASK = ',"key":';
/** Beyond this the file is rewritten with the newest entries of each task. */
const COMPACT_BYTES = 8 * 2 ** 20;
const KEPT_PER_TASK = 20;
const PARAMS_DIGITS = 12;

/**
 * An append-only file of JSON lines per workflow, `history/<name>.jsonl` in the store. Appends of one line are atomic on
 * a local disk; a torn or foreign line is skipped. It is a hint only: nothing is right or wrong because of it, and where
 * it cannot be written, `problem` says why.
 */
export class History {
  readonly #folder: string;
  readonly #file: string;
  #text: string | undefined;
  /** Lines of the file by the task that they begin with, parsed when they are asked for: there may be many thousands. */
  #lines: Map<string, string[]> | undefined;
  readonly #entries = new Map<string, HistoryEntry[]>();
  #pending = "";
  problem: string | undefined;

  /** @param run that for which times are looked up and added */
  constructor(storeFolder: string, workflow: string, readonly run: TimedRun = {}) {
    this.#folder = join(storeFolder, LAYOUT.history);
    this.#file = join(this.#folder, `${encodeURIComponent(workflow)}.jsonl`);
  }

  /** The entries of a task, oldest first. */
  of(task: string): readonly HistoryEntry[] {
    return this.#of(task);
  }

  /** The tasks that have entries, each with its own, oldest first. */
  *all(): Generator<[string, readonly HistoryEntry[]]> {
    for (const [task, lines] of linesByTask(this.#read())) {
      yield [JSON.parse(task), lines.flatMap(parseEntry)];
    }
  }

  /**
   * How long `units` of a task will take, by the last run with the same params, else by the last one: of the same profile
   * and device in either case, since a small profile says nothing of the whole, unless the task has no inputs and so
   * depends on its params alone. Undefined where there is none.
   */
  expectedMs(task: TimedTask, units?: number): number | undefined {
    const all = this.of(task.id);
    const { profile = "", device = "" } = this.run;
    const params = paramsDigest(task.params);
    const isAlone = Object.keys(task.inputs).length === 0;
    const known = all.filter((entry) => entry.profile !== undefined && entry.device === device);
    const alike = known.filter((entry) => entry.profile === profile);
    const last = (isAlone ? known : alike).findLast((entry) => entry.params === params) ?? alike.at(-1) ??
      (all.some((entry) => entry.profile !== undefined) ? undefined : all.at(-1));
    if (!last) return undefined;
    return units !== undefined && last.units ? last.ms / last.units * units : last.ms;
  }

  /** How long the run that gave `key` took; for a task of several actions, all of them. */
  msOf(task: string, key: ActionKey): number | undefined {
    return this.of(task).findLast((entry) => entry.key === key)?.ms;
  }

  /** Notes a run of a task with these params. */
  add(made: Omit<HistoryEntry, "params" | "profile" | "device">, params: TimedTask["params"]): void {
    const { profile = "", device = "" } = this.run;
    const entry = { ...made, params: paramsDigest(params), profile, device };
    this.#pending += JSON.stringify(entry) + "\n";
    this.#of(entry.task).push(entry);
    if (this.#pending.length > 16384) this.flush();
  }

  /** Writes the added entries. Call it at the end; a process that dies loses its last entries. */
  flush(): void {
    const pending = this.#pending;
    this.#pending = "";
    if (pending === "") return;
    this.#attempt("write", () => {
      makeFolder(this.#folder);
      appendPlain(this.#file, pending);
      if (Deno.statSync(this.#file).size > COMPACT_BYTES) this.#compact();
    });
  }

  /** Stores the file list of a source folder, so that a later `why` can name the files that differ. */
  rememberTree(artifact: Artifact): void {
    const file = join(this.#folder, "trees", `${artifact.digest}.json`);
    this.#attempt("write", () => {
      if (isThere(file)) return;
      makeFolder(join(this.#folder, "trees"));
      replaceFile(file, JSON.stringify(filesByPath(artifact)));
    });
  }

  /** The files of a source folder by path, as it was under `digest`; undefined when that is not remembered. */
  tree(digest: TreeDigest): Record<string, string> | undefined {
    try {
      return JSON.parse(readPlainText(join(this.#folder, "trees", `${digest}.json`)));
    } catch {
      return undefined; // It is a hint for people: without it `why` names the folder alone.
    }
  }

  #attempt<T>(doing: "read" | "write", work: () => T): T | undefined {
    let done: T | undefined;
    const problem = attempt(`${doing} the history in ${this.#folder}`, () => (done = work()));
    this.problem ??= problem;
    return done;
  }

  #of(task: string): HistoryEntry[] {
    let entries = this.#entries.get(task);
    if (!entries) {
      entries = this.#linesOf(JSON.stringify(task)).flatMap(parseEntry);
      this.#entries.set(task, entries);
    }
    return entries;
  }

  #linesOf(task: string): readonly string[] {
    const text = this.#read();
    if (this.#lines === undefined && this.#entries.size < MOST_SEARCHES) return linesBeginning(text, task);
    return (this.#lines ??= linesByTask(text)).get(task) ?? [];
  }

  /** Estimates and reasons do without a history that can't be read. */
  #read(): string {
    return (this.#text ??= this.#attempt("read", () => readOrEmpty(this.#file)) ?? "");
  }

  #compact(): void {
    const newest = [...linesByTask(readOrEmpty(this.#file)).values()].flatMap((lines) =>
      lines.slice(-KEPT_PER_TASK)
    );
    replaceFile(this.#file, newest.map((line) => line + "\n").join(""));
  }
}

function paramsDigest(params: TimedTask["params"]): string {
  return sha256Hex(canonicalJson(params as Json)).slice(0, PARAMS_DIGITS);
}

/** Whole lines by the task they begin with, oldest first. */
export function linesByTask(text: string): Map<string, string[]> {
  const lines = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const end = line.indexOf(AFTER_TASK);
    if (end < 0 || !line.startsWith(BEFORE_TASK)) continue;
    const task = line.slice(BEFORE_TASK.length, end);
    const known = lines.get(task);
    if (known) known.push(line);
    else lines.set(task, [line]);
  }
  return lines;
}

/** The same for one task, which takes less time for a few of them. */
function linesBeginning(text: string, task: string): string[] {
  const beginning = `${BEFORE_TASK}${task}${AFTER_TASK}`;
  const lines: string[] = [];
  for (let at = text.indexOf(beginning); at >= 0; at = text.indexOf(beginning, at + 1)) {
    const end = text.indexOf("\n", at);
    if (at === 0 || text[at - 1] === "\n") lines.push(text.slice(at, end < 0 ? undefined : end));
  }
  return lines;
}

/** Nothing where the line was torn by a crash in the middle of an append. */
export function parseEntry(line: string): HistoryEntry[] {
  try {
    const entry = JSON.parse(line) as HistoryEntry;
    return typeof entry.task === "string" && typeof entry.key === "string" ? [entry] : [];
  } catch {
    return [];
  }
}
