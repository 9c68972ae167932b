/** Which figures of a workflow have changed since they were last looked at. */

import { sha256Hex } from "../store/digest.ts";
import { readHint } from "../store/small_files.ts";
import type { ActionKey } from "../store/types.ts";
import { figuresFile, parseFigures } from "./known_figures.ts";

/** The figures that a workflow had: so many bytes of its file (see `KnownFigures`), and their digest. */
export interface NotedFigures {
  readonly bytes: number;
  readonly digest: string;
}

/** So much of a key tells it from others; where two begin alike, a row is found again for nothing. */
const BEGINNING = 8;

/** Compares the file with what was noted of it: lines are appended to it, or it is written anew. */
export class FigureChanges {
  /** Undefined where there is no file: then figures are looked for each time. */
  readonly now: NotedFigures | undefined;
  /** The beginnings of the keys that were added; undefined where any may have changed. */
  readonly #added: readonly string[] | undefined;

  constructor(storeFolder: string, workflow: string, noted: NotedFigures | undefined) {
    const all = readHint(figuresFile(storeFolder, workflow));
    if (!all) return;
    // A line that is not yet whole belongs to what comes.
    const bytes = all.lastIndexOf("\n".charCodeAt(0)) + 1;
    this.now = { bytes, digest: sha256Hex(all.subarray(0, bytes)) };
    if (!noted || sha256Hex(all.subarray(0, noted.bytes)) !== noted.digest) return;
    const added = new TextDecoder().decode(all.subarray(noted.bytes));
    this.#added = added.split("\n").flatMap(parseFigures).map(({ key }) => key.slice(0, BEGINNING));
  }

  /** The beginnings of some keys, in a row. */
  static beginnings(keys: readonly ActionKey[]): string {
    return keys.map((key) => key.slice(0, BEGINNING)).join("");
  }

  /** Whether figures of some keys may have changed. */
  concern(beginnings: string): boolean {
    return this.#added === undefined || this.#added.some((one) => beginnings.includes(one));
  }
}
