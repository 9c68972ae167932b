/** The figures of results by their keys, kept apart so that a list of runs need not read the results. */

import { join } from "node:path";
import { isThere } from "../../system/is_there.ts";
import type { FiguresDeclaration } from "../kind.ts";
import { own } from "../own.ts";
import { LAYOUT, makeFolder } from "../store/layout.ts";
import { attempt } from "../store/io.ts";
import { appendPlain } from "../store/plain_file.ts";
import { readOrEmpty } from "../store/small_files.ts";
import type { Store } from "../store/store.ts";
import type { ActionKey, OutputRef } from "../store/types.ts";
import { History } from "./history.ts";

/** Numbers by name, in the order of the file; those that are not finite are left out. */
export type ResultFigures = Readonly<Record<string, number>>;

/** A line of the file; it begins as a line of the history does. */
interface FigureEntry {
  readonly task: string;
  readonly key: ActionKey;
  readonly figures: ResultFigures;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/**
 * An append-only file of JSON lines per workflow, `history/figures/<workflow>.jsonl` in the store. As the history, it is a
 * hint: where it can't be written, figures are not shown, and where it is missing it is made from the kept results.
 */
export class KnownFigures {
  readonly #folder: string;
  readonly #file: string;
  #byKey: Map<string, ResultFigures> | undefined;

  /** @param declared where the figures of kinds are, by kind */
  constructor(
    readonly store: Store,
    readonly workflow: string,
    readonly declared: Readonly<Record<string, FiguresDeclaration>>,
  ) {
    this.#folder = join(store.folder, LAYOUT.historyFigures);
    this.#file = figuresFile(store.folder, workflow);
  }

  /** The figures of the result of `key`; undefined where it has none, or they are not known. */
  of(key: ActionKey): ResultFigures | undefined {
    return this.#known().get(key);
  }

  /** Notes the figures of a task's result, where its kind has some. */
  learn(
    { task, key }: { readonly task: { readonly id: string; readonly kind: string }; readonly key: ActionKey },
    outputs: Readonly<Record<string, OutputRef>>,
  ): void {
    const output = this.outputOf(task.kind, outputs);
    if (!output || this.#known().has(key)) return;
    const figures = figuresIn(this.store, output, this.declared[task.kind]);
    this.#add({ task: task.id, key, figures, at: Date.now() });
  }

  /** The output with the figures of a task's result, where its kind has some. */
  outputOf(kind: string, outputs: Readonly<Record<string, OutputRef>>): OutputRef | undefined {
    const declaration = own(this.declared, kind);
    return declaration && own(outputs, declaration.output);
  }

  #known(): Map<string, ResultFigures> {
    if (this.#byKey) return this.#byKey;
    this.#byKey = new Map();
    if (!isThere(this.#file)) this.#learnFromHistory();
    for (const { key, figures } of readOrEmpty(this.#file).split("\n").flatMap(parseFigures)) {
      this.#byKey.set(key, figures);
    }
    return this.#byKey;
  }

  /** Of results from before figures were noted. */
  #learnFromHistory(): void {
    const history = new History(this.store.folder, this.workflow);
    for (const [id, entries] of history.all()) {
      for (const { key } of entries) {
        const record = this.store.getRecord(key);
        const declaration = record && own(this.declared, record.manifest.kind);
        if (record && !declaration) break; // All results of a task are of one kind.
        if (record) this.learn({ task: { id, kind: record.manifest.kind }, key }, record.outputs);
      }
    }
  }

  #add(entry: FigureEntry): void {
    this.#byKey!.set(entry.key, entry.figures);
    attempt(`write figures in ${this.#folder}`, () => {
      makeFolder(this.#folder);
      appendPlain(this.#file, `${JSON.stringify(entry)}\n`);
    });
  }
}

/** Where the figures of a workflow are, in the store at `folder`. */
export function figuresFile(folder: string, workflow: string): string {
  return join(folder, LAYOUT.historyFigures, `${encodeURIComponent(workflow)}.jsonl`);
}

/** The finite numbers in an output by their names; none where it is of another form. */
export function figuresIn(store: Store, { file }: OutputRef, { field }: FiguresDeclaration): ResultFigures {
  try {
    const whole = file && JSON.parse(store.getText(file.digest) ?? "");
    const named = field === undefined ? whole : own(whole, field);
    return Object.fromEntries(
      Object.entries(named ?? {}).filter((pair): pair is [string, number] => Number.isFinite(pair[1])),
    );
  } catch {
    return {}; // A result may be of any form; then it has no figures.
  }
}

/** Nothing where the line was torn by a crash in the middle of an append. */
export function parseFigures(line: string): FigureEntry[] {
  if (line === "") return [];
  try {
    const entry = JSON.parse(line) as FigureEntry;
    return typeof entry.key === "string" && typeof entry.figures === "object" ? [entry] : [];
  } catch {
    return [];
  }
}
