/** SHA-256 of a range of a file, read in pieces that stay in the processor's cache. */
import { createHash } from "node:crypto";
import { retryStale } from "../../system/stale.ts";

const PIECE = 1 << 20;

/** A range of bytes of a file: `from` up to, not including, `to`. */
export interface FileRange {
  readonly path: string;
  readonly from: number;
  readonly to: number;
}

/** Part of the message of the error for files such as those of /proc, which no stat key tells apart. */
export const SIZE_UNKNOWN = "has bytes though its size is said to be 0";

/**
 * @returns 64 hex digits
 * @throws Error where the file ends before `to`: it was cut short since its size was taken; or where it is said to have
 * no bytes, and has some.
 */
export function hashRange(range: FileRange): string {
  return retryStale(() => hashOnce(range));
}

function hashOnce({ path, from, to }: FileRange): string {
  const hash = createHash("sha256");
  using file = Deno.openSync(path);
  if (from > 0) file.seekSync(from, Deno.SeekMode.Start);
  const buffer = new Uint8Array(Math.min(PIECE, to - from));
  for (let left = to - from; left > 0;) {
    const count = file.readSync(left < buffer.length ? buffer.subarray(0, left) : buffer);
    if (count === null) throw new Error(`${path} was cut short while it was read`);
    hash.update(count === buffer.length ? buffer : buffer.subarray(0, count));
    left -= count;
  }
  if (to === 0 && file.readSync(new Uint8Array(1)) !== null) throw new Error(`${path} ${SIZE_UNKNOWN}`);
  return hash.digest("hex");
}
