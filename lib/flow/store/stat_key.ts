/** Stat keys: file metadata, enough to know that a file's bytes are those once digested. */
import { refusalOf } from "../failure.ts";
import { openStatx } from "./statx.ts";
import { isMissing } from "../../system/is_there.ts";

/**
 * The words of a stat key: inode and size (two words each, low first), modification and change time (seconds,
 * nanoseconds), device, mode. A program can't set the change time; with the inode it reveals a file whose
 * size and modification time were put back.
 */
export const KEY_WORDS = 10;
const SIZE_LOW = 2, SIZE_HIGH = 3, MTIME = 4, CTIME = 6, DEVICE = 8, MODE = 9;

/** Writes the key of `path` to `words` from `at`; false where there is no such file. @throws what the system refuses */
export type StatInto = (path: string, words: Uint32Array, at: number) => boolean;

const statx = openStatx();

/** The change times of Deno.stat, and of node:fs here, are whole seconds. */
export const STAT_HAS_NANOSECONDS = statx !== undefined;

/** The key of the file itself, also where it is a symbolic link. */
export const lstatInto: StatInto = statx
  ? (path, words, at) => statx.stat(path, words, at, false)
  : (path, words, at) => fromInfo(infoOf(Deno.lstatSync, path), words, at);

/** The key of the file that symbolic links lead to. */
export const statInto: StatInto = statx
  ? (path, words, at) => statx.stat(path, words, at, true)
  : (path, words, at) => fromInfo(infoOf(Deno.statSync, path), words, at);

/**
 * The keys of many files, symbolic links followed; zeros where there is no file, or the system does not let it be looked
 * at: whoever then asks for the one file gets the error.
 *
 * @param paths absolute paths in UTF-8, a zero byte after each
 * @param starts where each path begins, and at last where the next one would
 */
export function statAll(paths: Uint8Array<ArrayBuffer>, starts: Uint32Array): Uint32Array<ArrayBuffer> {
  const count = starts.length - 1;
  const keys = new Uint32Array(count * KEY_WORDS);
  if (statx !== undefined) {
    const held = statx.hold(paths);
    for (let i = 0; i < count; i++) statx.statHeld(held, starts[i], keys, i * KEY_WORDS);
    return keys;
  }
  const decoder = new TextDecoder();
  for (let i = 0; i < count; i++) {
    try {
      statInto(decoder.decode(paths.subarray(starts[i], starts[i + 1] - 1)), keys, i * KEY_WORDS);
    } catch (error) {
      if (refusalOf(error) === undefined) throw error;
    }
  }
  return keys;
}

/** How many names a file has. @throws what the system refuses */
export const linkCount: (path: string) => number = statx
  ? (path) => statx.linkCount(path)
  : (path) => infoOf(Deno.lstatSync, path)?.nlink ?? 1;

/** A key by itself, for maps and messages. */
export class StatKey {
  constructor(readonly words: Uint32Array) {}

  /** The key of the file that symbolic links lead to; undefined if there is none. @throws what the system refuses */
  static of(path: string): StatKey | undefined {
    const words = new Uint32Array(KEY_WORDS);
    return statInto(path, words, 0) ? new StatKey(words) : undefined;
  }

  /** The key of the file itself, also where it is a symbolic link. @throws what the system refuses */
  static ofLink(path: string): StatKey | undefined {
    const words = new Uint32Array(KEY_WORDS);
    return lstatInto(path, words, 0) ? new StatKey(words) : undefined;
  }

  static parse(text: string): StatKey | undefined {
    if (!/^[0-9a-f]{80}$/.test(text)) return undefined;
    return new StatKey(
      Uint32Array.from({ length: KEY_WORDS }, (_, i) => parseInt(text.slice(8 * i, 8 * i + 8), 16)),
    );
  }

  toString(): string {
    let text = "";
    for (const word of this.words) text += (word + 0x1_0000_0000).toString(16).slice(1);
    return text;
  }

  equals(other: StatKey): boolean {
    return this.words.every((word, i) => word === other.words[i]);
  }

  /** Equal in all but the change time, which our own linking, unlinking and renaming of a file changes. */
  sameButChangeTime(other: StatKey): boolean {
    return this.words.every((word, i) =>
      word === other.words[i] || i === CTIME || i === CTIME + 1 || i === MODE
    );
  }

  /** Was it renamed or given other rights, and nothing in it? A folder in which files come and go differs in more. */
  isMovedFrom(earlier: StatKey): boolean {
    return !this.equals(earlier) && [MTIME, MTIME + 1].every((i) => this.words[i] === earlier.words[i]);
  }

  isSameFile(other: StatKey): boolean {
    return [0, 1, DEVICE].every((i) => this.words[i] === other.words[i]);
  }

  get size(): number {
    return this.words[SIZE_HIGH] * 0x1_0000_0000 + this.words[SIZE_LOW];
  }
  get isFile(): boolean {
    return (this.words[MODE] & 0o170000) === 0o100000;
  }
  get isFolder(): boolean {
    return (this.words[MODE] & 0o170000) === 0o040000;
  }
  get isLink(): boolean {
    return (this.words[MODE] & 0o170000) === 0o120000;
  }
  get isExecutable(): boolean {
    return (this.words[MODE] & 0o100) !== 0;
  }
  get device(): number {
    return this.words[DEVICE];
  }
  /** In milliseconds since 1970. */
  get modifiedAt(): number {
    return this.words[MTIME] * 1000 + this.words[MTIME + 1] / 1e6;
  }
  /** In milliseconds since 1970. */
  get changedAt(): number {
    return this.words[CTIME] * 1000 + this.words[CTIME + 1] / 1e6;
  }
}

function infoOf(stat: (path: string) => Deno.FileInfo, path: string): Deno.FileInfo | undefined {
  try {
    return stat(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function fromInfo(info: Deno.FileInfo | undefined, words: Uint32Array, at: number): boolean {
  if (info === undefined) return false;
  const put = (word: number, value: number) => {
    words[at + word] = value % 0x1_0000_0000;
    words[at + word + 1] = Math.floor(value / 0x1_0000_0000);
  };
  const putTime = (word: number, time: Date | null) => {
    words[at + word] = Math.floor((time?.getTime() ?? 0) / 1000);
    words[at + word + 1] = ((time?.getTime() ?? 0) % 1000) * 1e6;
  };
  put(0, info.ino ?? 0);
  put(SIZE_LOW, info.size);
  putTime(MTIME, info.mtime);
  putTime(CTIME, info.ctime);
  words[at + DEVICE] = info.dev;
  words[at + MODE] = info.mode ?? (info.isFile ? 0o100644 : info.isDirectory ? 0o040755 : 0o120777);
  return true;
}
