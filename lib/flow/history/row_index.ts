/** The rows of finished runs as they were last found, so that a list of thousands of runs does not read all of them. */

import { join } from "node:path";
import type { FiguresDeclaration } from "../kind.ts";
import { sha256Hex } from "../store/digest.ts";
import { attempt } from "../store/io.ts";
import { inFolderOf, LAYOUT, runPaths } from "../store/layout.ts";
import { replaceFile } from "../store/replace_file.ts";
import { readHint } from "../store/small_files.ts";
import { KEY_WORDS, statInto } from "../store/stat_key.ts";
import type { Store } from "../store/store.ts";
import { FigureChanges, type NotedFigures } from "./figure_changes.ts";
import { type ListedRun, listRun } from "./run_list.ts";
import { type RunRow, RunTable } from "./run_rows.ts";
import { runIds } from "./runs.ts";

/** Raised when the same records give other rows. */
const SCHEMA = 1;
const DIGEST_BYTES = 64;

type KeptRow = Pick<RunRow, "variant" | "seeds" | "figures">;

/** A run that has ended. */
interface Entry {
  /** The name of its record. */
  readonly id: string;
  readonly run: ListedRun;
  /** The stat key of its record. */
  readonly record: readonly number[];
  /** Absent where they have to be found anew. */
  found?: {
    readonly rows: readonly KeptRow[];
    /** The stat key of its table of keys. */
    readonly table: readonly number[];
    /** The beginnings of its keys, in a row (see `FigureChanges`). */
    readonly keys: string;
  };
}

interface Content {
  readonly schema: number;
  readonly entries: readonly Entry[];
  /** The figures of each workflow from which the rows were made. */
  readonly figures: Readonly<Record<string, NotedFigures>>;
}

/**
 * A file in the store, `history/rows.json`: the digest of all that follows it, then `Content`. A row counts as long as
 * the record of its run, its table of keys and the figures of its keys are what they were; everything else is found anew.
 */
export class RowIndex {
  readonly #file: string;
  readonly #table: RunTable;
  readonly #content: Content;
  readonly #entries = new Map<ListedRun, Entry>();
  readonly #changes = new Map<string, FigureChanges>();
  readonly #words = new Uint32Array(KEY_WORDS);
  #isChanged = false;

  /** @param declared where the figures of kinds are, by kind */
  constructor(readonly store: Store, declared: Readonly<Record<string, FiguresDeclaration>>) {
    this.#file = join(store.folder, LAYOUT.historyRows);
    this.#table = new RunTable(store, declared);
    this.#content = readContent(this.#file);
  }

  /** All runs, oldest first; records that can't be understood are left out. */
  runs(): ListedRun[] {
    const { folder } = this.store;
    const known = new Map(this.#content.entries.map((entry) => [entry.id, entry]));
    const all: ListedRun[] = [];
    for (const id of runIds(folder)) {
      const entry = known.get(id);
      if (!entry || !this.#isAt(runPaths(folder).record(id), entry.record)) this.#read(id, all);
      else {
        this.#entries.set(entry.run, entry);
        all.push(entry.run);
      }
    }
    this.#isChanged ||= this.#entries.size !== known.size;
    return all;
  }

  /** The rows of one of `runs()`. */
  rowsOf(run: ListedRun): RunRow[] {
    const entry = this.#entries.get(run);
    const { end } = run;
    if (!entry || !end) return this.#table.rowsOf(run);
    const changes = this.#changesOf(run.head.workflow);
    const table = runPaths(this.store.folder).keys(end.keys);
    if (entry.found && this.#isAt(table, entry.found.table)) {
      return entry.found.rows.map(({ variant, seeds, figures }) => {
        return { run, variant, seeds, figures, ms: end.ms };
      });
    }
    const words = this.#stat(table);
    const rows = this.#table.rowsOf(run);
    const isKept = words !== undefined && changes.now !== undefined && rows.every(canBeWritten);
    entry.found = isKept
      ? {
        rows: rows.map(({ variant, seeds, figures }) => ({ variant, seeds, figures })),
        table: words,
        keys: FigureChanges.beginnings(Object.values(this.#table.keysOf(run))),
      }
      : undefined;
    this.#isChanged ||= isKept;
    return rows;
  }

  /** Writes down what was found. Where it can't be written, it will be found again. */
  save(): void {
    if (!this.#isChanged) return;
    const figures = { ...this.#content.figures };
    for (const [workflow, { now }] of this.#changes) if (now) figures[workflow] = now;
    const content: Content = { schema: SCHEMA, entries: [...this.#entries.values()], figures };
    const text = JSON.stringify(content);
    attempt(`write ${this.#file}`, () => {
      inFolderOf(this.#file, () => replaceFile(this.#file, sha256Hex(text) + text));
    });
  }

  /** Adds a run whose record is not the one that is known. */
  #read(id: string, all: ListedRun[]): void {
    const record = this.#stat(runPaths(this.store.folder).record(id));
    const run = listRun(this.store.folder, id);
    if (!run) return;
    all.push(run);
    if (!run.end || !record) return;
    this.#entries.set(run, { id, run, record });
    this.#isChanged = true;
  }

  /** Forgets the rows of a workflow's runs that were made from other figures. */
  #changesOf(workflow: string): FigureChanges {
    let changes = this.#changes.get(workflow);
    if (changes) return changes;
    changes = new FigureChanges(this.store.folder, workflow, this.#content.figures[workflow]);
    this.#changes.set(workflow, changes);
    for (const entry of this.#entries.values()) {
      if (entry.run.head.workflow !== workflow || !entry.found) continue;
      if (changes.concern(entry.found.keys)) entry.found = undefined;
    }
    return changes;
  }

  #stat(path: string): number[] | undefined {
    return statInto(path, this.#words, 0) ? [...this.#words] : undefined;
  }

  #isAt(path: string, words: readonly number[]): boolean {
    if (!statInto(path, this.#words, 0)) return false;
    return this.#words.every((word, i) => word === words[i]);
  }
}

/** JSON has no infinite number, which a mean of very large ones can be. */
function canBeWritten({ figures }: RunRow): boolean {
  return Object.values(figures).every(({ mean, std = 0 }) => Number.isFinite(mean) && Number.isFinite(std));
}

/** Nothing where the file is missing, damaged or of another version. */
function readContent(file: string): Content {
  const none: Content = { schema: SCHEMA, entries: [], figures: {} };
  const bytes = readHint(file);
  if (!bytes) return none;
  const decoder = new TextDecoder();
  const body = bytes.subarray(DIGEST_BYTES);
  if (decoder.decode(bytes.subarray(0, DIGEST_BYTES)) !== sha256Hex(body)) return none;
  const content = JSON.parse(decoder.decode(body)) as Content;
  return content.schema === SCHEMA ? content : none;
}
