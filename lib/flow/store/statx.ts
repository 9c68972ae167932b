/** Linux's statx(2) called directly: a third of the time of node:fs, which matters for 20,000 files. */
import { isMissing } from "../../system/is_there.ts";
import { isStale } from "../../system/stale.ts";

export interface Statx {
  /**
   * Writes a stat key (see stat_key.ts); false where there is no such file.
   *
   * @throws what the system refuses: a file that can't be looked at is not one that is missing
   */
  stat(path: string, words: Uint32Array, at: number, followLinks: boolean): boolean;
  /** The number of hard links of a file; 0 where there is none. @throws as `stat` */
  linkCount(path: string): number;
  /**
   * `stat`, links followed, for a path that ends in a zero byte, at `offset` of bytes that were given to `hold`. False
   * also where the system refuses it.
   */
  statHeld(held: HeldBytes, offset: number, words: Uint32Array, at: number): boolean;
  /** Bytes at a fixed address, for paths that are stat'ed without becoming strings. */
  hold(bytes: Uint8Array<ArrayBuffer>): HeldBytes;
}

export interface HeldBytes {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly address: number;
}

const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
/** Type, mode, links, inode, size, modification and change time. */
const WANTED = 0x1 | 0x2 | 0x4 | 0x40 | 0x80 | 0x100 | 0x200;
const MAX_PATH_BYTES = 4096;
const ENOENT = 2, ENOTDIR = 20;
/** A file that comes and goes, or a disk that fails now and then, is asked so often. */
const MOST_ATTEMPTS = 5;

/** Undefined where the system is not Linux or calls of its library are not permitted. */
export function openStatx(): Statx | undefined {
  if (Deno.build.os !== "linux") return undefined;
  let library;
  try {
    library = Deno.dlopen("libc.so.6", {
      statx: { parameters: ["i32", "usize", "i32", "u32", "usize"], result: "i32" },
      __errno_location: { parameters: [], result: "pointer" },
    });
  } catch {
    return undefined;
  }
  const call = library.symbols.statx;
  const found = new Uint32Array(64);
  const foundAt = addressOf(found);
  const pathBytes = new Uint8Array(MAX_PATH_BYTES);
  const pathAt = addressOf(pathBytes);
  const encoder = new TextEncoder();
  const errno = new Int32Array(
    Deno.UnsafePointerView.getArrayBuffer(library.symbols.__errno_location()!, Int32Array.BYTES_PER_ELEMENT),
  );

  const at = (path: number, flags: number, words: Uint32Array, offset: number) => {
    if (call(AT_FDCWD, path as unknown as bigint, flags, WANTED, foundAt as unknown as bigint) !== 0) {
      return false;
    }
    words[offset] = found[8];
    words[offset + 1] = found[9];
    words[offset + 2] = found[10];
    words[offset + 3] = found[11];
    words[offset + 4] = found[28];
    words[offset + 5] = found[30];
    words[offset + 6] = found[24];
    words[offset + 7] = found[26];
    words[offset + 8] = (found[34] << 20) ^ found[35];
    words[offset + 9] = found[7] & 0xffff;
    return true;
  };
  const stat: Statx["stat"] = (path, words, offset, followLinks) => {
    const { read, written } = encoder.encodeInto(path, pathBytes);
    if (path.includes("\0")) return false;
    const fits = read === path.length && written < MAX_PATH_BYTES;
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
      if (fits) {
        pathBytes[written] = 0;
        if (at(pathAt, followLinks ? 0 : AT_SYMLINK_NOFOLLOW, words, offset)) return true;
        if (errno[0] === ENOENT || errno[0] === ENOTDIR) return false;
      }
      // Its error has the path, and words for the refusal.
      if (!isThere(path, followLinks)) return false;
    }
    throw new Error(`${path} could not be looked at: the system refuses statx(2) for it`);
  };
  // Old kernels and some containers do not permit the call.
  encoder.encodeInto("/\0", pathBytes);
  if (!at(pathAt, 0, new Uint32Array(10), 0)) return undefined;
  const unused = new Uint32Array(16);
  return {
    stat,
    linkCount: (path) => (stat(path, unused, 0, false) ? found[4] : 0),
    statHeld: (held, offset, words, to) => at(held.address + offset, 0, words, to),
    hold: (bytes) => ({ bytes, address: addressOf(bytes) }),
  };
}

/** Also true where the path led to a file that was replaced: it is to be asked again. @throws what the system refuses */
function isThere(path: string, followLinks: boolean): boolean {
  try {
    if (followLinks) Deno.statSync(path);
    else Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    if (isStale(error)) return true;
    throw error;
  }
}

function addressOf(bytes: Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer>): number {
  return Number(Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes)));
}
