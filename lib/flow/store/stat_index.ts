/** What files were found to be: digests remembered by stat key, so that a file that was not touched is never read. */
import { basename, dirname } from "node:path";
import { crc32 } from "node:zlib";
import { storeError } from "./io.ts";
import { isFileDigest } from "./digest.ts";
import { appendPlain, isNotPlain, isPlain } from "./plain_file.ts";
import { moveAside } from "./quarantine.ts";
import { replaceFile } from "./replace_file.ts";
import { readOrEmpty } from "./small_files.ts";
import { StatKey } from "./stat_key.ts";
import type { FileDigest } from "./types.ts";

const FLUSH_LINES = 500;
const CRC = 8, KEY = 80;
const KEY_AT = CRC + 1, DIGEST_AT = KEY_AT + KEY + 1;

/**
 * A log of lines `crc32 key digest "name"`; the last line of a name counts. Several processes append to it at once,
 * each with whole lines, and lines that are torn or have a wrong checksum are skipped: a lost entry
 * only costs reading one file.
 *
 * Names are absolute paths for the user's files, and paths inside the store for its own.
 */
export class StatIndex {
  /** The entries of the file, read when first needed. */
  #lines: Map<string, string> | undefined;
  /** What this process found out since. */
  readonly #found = new Map<string, string>();
  #linesInFile = 0;
  #unwritten = new Map<string, string>();

  constructor(readonly file: string) {}

  get isLoaded(): boolean {
    return this.#lines !== undefined;
  }

  /** The digest of the file `name` when it last had this key. */
  lookup(name: string, key: StatKey): FileDigest | undefined {
    const line = this.#found.get(name) ?? this.#loaded().get(name);
    if (line === undefined || !line.startsWith(key.toString(), KEY_AT)) return undefined;
    if (checksum(line.slice(KEY_AT)) !== line.slice(0, CRC)) return undefined;
    const digest = line.slice(DIGEST_AT, line.indexOf(" ", DIGEST_AT));
    return isFileDigest(digest) ? digest : undefined;
  }

  remember(name: string, key: StatKey, digest: FileDigest): void {
    const body = `${key} ${digest} ${JSON.stringify(name)}`;
    const line = `${checksum(body)} ${body}`;
    this.#found.set(name, line);
    this.#unwritten.set(name, line);
    if (this.#unwritten.size >= FLUSH_LINES) this.flush();
  }

  /** Appends new entries. A store that can't be written to still works; it only forgets. */
  flush(): void {
    if (this.#unwritten.size === 0) return;
    try {
      // An empty line first, in case the last writer was killed in the middle of a line.
      const append = () => appendPlain(this.file, `\n${[...this.#unwritten.values()].join("\n")}\n`);
      inPlaceOf(this.file, append);
      if (this.#lines !== undefined) this.#linesInFile += this.#unwritten.size;
    } catch (error) {
      const reason = storeError("write", error);
      if (!isTolerable(reason)) throw reason;
    }
    this.#unwritten.clear();
  }

  /** Rewrites the log without lines that a later one replaced, where they are the larger part of it, or in any case
   * without the names that are not to be kept. Lines that another process appends meanwhile may be lost. */
  compact(keep?: (name: string) => boolean): void {
    if (
      keep === undefined && (this.#lines === undefined || this.#linesInFile < 2 * this.#lines.size + 1000)
    ) return;
    const lines = new Map([...this.#loaded(), ...this.#found]);
    for (const name of keep ? [...lines.keys()] : []) if (!keep!(name)) lines.delete(name);
    inPlaceOf(this.file, () => isPlain(this.file));
    replaceFile(this.file, [...lines.values(), ""].join("\n"));
    this.#lines = lines;
    this.#linesInFile = lines.size;
    this.#found.clear();
    this.#unwritten.clear();
  }

  #loaded(): Map<string, string> {
    if (this.#lines !== undefined) return this.#lines;
    const lines = new Map<string, string>();
    for (const line of readText(this.file).split("\n")) {
      const nameAt = line.indexOf(' "', DIGEST_AT);
      if (nameAt < 0 || !line.endsWith('"')) continue;
      const quoted = line.slice(nameAt + 1);
      lines.set(quoted.includes("\\") ? unquote(quoted) : quoted.slice(1, -1), line);
      this.#linesInFile++;
    }
    return this.#lines = lines;
  }
}

function checksum(text: string): string {
  return (crc32(text) + 0x1_0000_0000).toString(16).slice(1);
}

function unquote(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return "";
  }
}

function readText(file: string): string {
  try {
    return readOrEmpty(file);
  } catch (error) {
    throw storeError(`read ${file}`, error);
  }
}

/** Does `work` with a file; what is in its place and no file is moved aside first. */
function inPlaceOf(file: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!isNotPlain(error)) throw error;
    moveAside(dirname(file), basename(file), "stat-index");
    work();
  }
}

function isTolerable(reason: unknown): boolean {
  const code = (reason as { code?: string }).code;
  return code === "store-not-writable" || code === "store-disk-full";
}
