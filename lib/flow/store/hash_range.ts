/** SHA-256 of a range of a file, read in pieces that stay in the processor's cache. */
import { createHash } from "node:crypto";

const PIECE = 1 << 20;

/** A range of bytes of a file: `from` up to, not including, `to`. */
export interface FileRange {
  readonly path: string;
  readonly from: number;
  readonly to: number;
}

/**
 * @returns 64 hex digits
 * @throws Error where the file ends before `to`: it was cut short since its size was taken.
 */
export function hashRange({ path, from, to }: FileRange): string {
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
  return hash.digest("hex");
}
