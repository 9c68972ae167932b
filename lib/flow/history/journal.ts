/** Run records: who ran what, where, since when and how far; kept in `runs/` of the store. */

import { replaceFile } from "../store/replace_file.ts";
import { userInfo } from "node:os";
import type { Override } from "../definition/expanded.ts";
import { HEARTBEAT_MS, type Owner, thisOwner } from "../store/owner.ts";
import type { ActionKey } from "../store/types.ts";
import { sha256Hex } from "../store/digest.ts";
import type { Progress } from "../kind.ts";
import type { JobPlace } from "../place.ts";
import { attempt } from "../store/io.ts";
import { keyNow } from "../store/late_view.ts";
import { appendPlain } from "../store/plain_file.ts";
import { entriesOf, makeFolder, runPaths } from "../store/layout.ts";
import type { ActionOutcome, RunObserver, RunSummary } from "../events.ts";
import { type LiveCurve, LiveCurves } from "./live_curve.ts";

/** Raised when a reader of an earlier version would misread the file. */
const SCHEMA = 1;

/** The first line of a record: what was asked for, by whom and where. */
export interface RunHead {
  readonly event: "run";
  readonly schema: number;
  readonly run: string;
  readonly workflow: string;
  readonly file: string;
  /** The tasks that were asked for; empty for all. */
  readonly tasks: readonly string[];
  readonly overrides: {
    readonly profile?: string;
    readonly set: readonly string[];
    readonly changes: readonly Override[];
  };
  readonly device: string;
  readonly jobs: number;
  readonly user: string;
  readonly owner: Owner;
  /** ISO 8601, UTC. */
  readonly started: string;
}

/** The last line of a completed run. `keys` is the digest of the table of all its tasks' keys. */
export type RunEnd = { readonly event: "done"; readonly keys: string } & RunSummary;

/** An action that is running. */
export interface ActionNow {
  readonly id: string;
  /** Of a chain that of the segment. Absent, as all below, in what earlier versions wrote. */
  readonly key?: ActionKey;
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly expectedMs?: number;
  readonly progress?: Progress;
  /** The first report: what was done before does not count for the rate. */
  readonly first?: { readonly done: number; readonly at: number };
  /** Where its log is written, relative to the store. */
  readonly log?: string;
  readonly curve?: LiveCurve;
  /** Where it waits or runs, when that is another machine. */
  readonly place?: JobPlace;
}

/** The actions that are running. */
export interface RunNow {
  readonly actions: readonly ActionNow[];
  readonly ended: number;
  readonly total: number;
}

/**
 * Sorts by time, and is unique: `20251124-141503-042-3fa9`. It is later than that of every run before it in the store,
 * also where a clock was wrong then or is now.
 */
export function newRunId(store: string): string {
  const last = entriesOf(runPaths(store).folder).findLast((name) => RUN_FILE.test(name));
  const [, ...fields] = RUN_FILE.exec(last ?? "") ?? [];
  const after = fields.length > 0
    ? Date.parse(`${fields.slice(0, 3).join("-")}T${fields.slice(3, 6).join(":")}.${fields[6]}Z`) + 1
    : 0;
  const [date, time] = new Date(Math.max(Date.now(), after || 0)).toISOString().split("T");
  const random = crypto.getRandomValues(new Uint8Array(2)).toHex();
  return `${date.replaceAll("-", "")}-${time.slice(0, 12).replaceAll(":", "").replace(".", "-")}-${random}`;
}

const RUN_FILE = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-(\d{3})-[0-9a-f]{4}\.jsonl$/;

/** The interval at which running actions are recorded, and at which it is shown that the run lives. */
const NOW_MS = 1000;

/**
 * Writes the record of a run while it goes on. Reused actions are in a table of keys, which is written when the first
 * action starts and again at the end, so it is also known for a run that was killed. If the store can't be written to,
 * the run continues without a record, and `problem` says why.
 */
export class Journal implements RunObserver {
  readonly #store: string;
  readonly #head: RunHead;
  readonly #keys = new Map<string, ActionKey>();
  readonly #running = new Map<string, Running>();
  #total = 0;
  #ended = 0;
  #lines = "";
  #lastNow = -Infinity;
  #nowWritten = false;
  #hasTable = false;
  #isBegun = false;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  /** Writes what has changed since the last time. */
  #later: ReturnType<typeof setTimeout> | undefined;
  problem: string | undefined;

  constructor(store: string, head: Omit<RunHead, "event" | "schema" | "user" | "owner" | "started">) {
    this.#store = store;
    const user = userName();
    const started = new Date().toISOString();
    this.#head = { event: "run", schema: SCHEMA, ...head, user, owner: thisOwner(""), started };
    this.#line(this.#head);
  }

  started(run: { actions: number }): void {
    this.#total = run.actions;
  }

  actionStarted({ id, key, expectedMs }: { id: string; key: ActionKey; expectedMs?: number }): void {
    const known = this.#running.get(id);
    if (known) Object.assign(known.now, { key, expectedMs });
    else this.#running.set(id, { now: { id, key, since: Date.now(), expectedMs }, curves: new LiveCurves() });
    if (!this.#hasTable) {
      this.#hasTable = true;
      this.#heartbeat = setInterval(() => this.#writeNow(), HEARTBEAT_MS);
      Deno.unrefTimer(this.#heartbeat as unknown as number);
      this.#write(() => {
        this.#line({ event: "reuses", keys: this.#writeTable() });
        this.#flush();
      });
    }
    this.#writeNow();
  }

  actionProgress(id: string, progress: Progress): void {
    const action = this.#running.get(id);
    if (action) {
      action.now.first ??= { done: progress.done, at: Date.now() };
      action.now.progress = progress;
      action.curves.add(progress);
    }
    this.#writeNow();
  }

  actionPlaced(id: string, place: JobPlace): void {
    const action = this.#running.get(id);
    if (action) action.now.place = place;
    this.#writeNow();
  }

  actionLogs(id: string, file: string): void {
    const action = this.#running.get(id);
    if (action) action.now.log = file.slice(this.#store.length + 1);
    this.#writeNow();
  }

  actionEnded(outcome: ActionOutcome): void {
    this.#ended++;
    this.#running.delete(outcome.id);
    if ("key" in outcome && outcome.key !== undefined && outcome.outcome !== "failed") {
      this.#keys.set(outcome.id, outcome.key);
    }
    if (outcome.outcome !== "reused") this.#line(outcome);
    else if (this.#hasTable) this.#line({ event: "reused", id: outcome.id, key: outcome.key });
    this.#writeNow();
  }

  allReused(ids: readonly string[], keys: readonly ActionKey[]): void {
    ids.forEach((id, i) => this.#keys.set(id, keys[i]));
  }

  ended(summary: RunSummary): void {
    clearInterval(this.#heartbeat);
    clearTimeout(this.#later);
    this.#write(() => {
      const end: RunEnd = { event: "done", keys: this.#writeTable(), ...summary };
      this.#line(end);
      this.#flush();
      if (this.#nowWritten) Deno.removeSync(runPaths(this.#store).now(this.#head.run));
    });
  }

  /** Returns the digest under which the keys of all tasks that have results are kept. */
  #writeTable(): string {
    const table = JSON.stringify(Object.fromEntries(this.#keys));
    const digest = sha256Hex(table);
    const file = runPaths(this.#store).keys(digest);
    makeFolder(runPaths(this.#store).tables);
    // A garbage collection on another machine may just have removed that of an old run.
    if (keyNow(file) === undefined) replaceFile(file, table);
    return digest;
  }

  #line(event: object): void {
    this.#lines += JSON.stringify(event) + "\n";
    if (this.#lines.length > 8192) this.#write(() => this.#flush());
  }

  #flush(): void {
    const lines = this.#lines;
    this.#lines = "";
    if (lines === "") return;
    makeFolder(runPaths(this.#store).folder);
    const file = runPaths(this.#store).record(this.#head.run);
    // The first lines come with the name, so that a record is never empty.
    if (this.#isBegun) appendPlain(file, lines);
    else replaceFile(file, lines);
    this.#isBegun = true;
  }

  #writeNow(): void {
    const now = performance.now();
    const waitMs = this.#lastNow + NOW_MS - now;
    if (waitMs > 0) {
      if (this.#later !== undefined) return;
      this.#later = setTimeout(() => this.#writeNow(), waitMs);
      Deno.unrefTimer(this.#later as unknown as number);
      return;
    }
    clearTimeout(this.#later);
    this.#later = undefined;
    this.#lastNow = now;
    this.#write(() => {
      this.#flush();
      const actions = [...this.#running.values()].map(({ now, curves }) => ({ ...now, curve: curves.curve }));
      const state: RunNow = { actions, ended: this.#ended, total: this.#total };
      replaceFile(runPaths(this.#store).now(this.#head.run), JSON.stringify(state));
      this.#nowWritten = true;
    });
  }

  #write(work: () => void): void {
    this.problem ??= attempt(`write the record of the run in ${runPaths(this.#store).folder}`, work);
  }
}

interface Running {
  readonly now: { -readonly [Field in keyof ActionNow]: ActionNow[Field] };
  readonly curves: LiveCurves;
}

/** A user of a container may have a number and no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${Deno.uid()}`;
  }
}
