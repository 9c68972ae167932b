/** Linux's statx(2) called directly: a third of the time of node:fs, which matters for 20,000 files. */

export interface Statx {
  /** Writes a stat key (see stat_key.ts); false where there is no such file. */
  stat(path: string, words: Uint32Array, at: number, followLinks: boolean): boolean;
  /** The number of hard links of a file; 0 where there is none. */
  linkCount(path: string): number;
  /** `stat`, links followed, for a path that ends in a zero byte, at `offset` of bytes that were given to `hold`. */
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

/** Undefined where the system is not Linux or calls of its library are not permitted. */
export function openStatx(): Statx | undefined {
  if (Deno.build.os !== "linux") return undefined;
  let library;
  try {
    library = Deno.dlopen("libc.so.6", {
      statx: { parameters: ["i32", "usize", "i32", "u32", "usize"], result: "i32" },
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
    if (read < path.length || written === MAX_PATH_BYTES || path.includes("\0")) return false;
    pathBytes[written] = 0;
    return at(pathAt, followLinks ? 0 : AT_SYMLINK_NOFOLLOW, words, offset);
  };
  const unused = new Uint32Array(16);
  return {
    stat,
    linkCount: (path) => (stat(path, unused, 0, false) ? found[4] : 0),
    statHeld: (held, offset, words, to) => at(held.address + offset, 0, words, to),
    hold: (bytes) => ({ bytes, address: addressOf(bytes) }),
  };
}

function addressOf(bytes: Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer>): number {
  return Number(Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes)));
}
