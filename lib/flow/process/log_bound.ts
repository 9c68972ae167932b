/** Bounds the log of a process while it is written. */

import { StatKey } from "../store/stat_key.ts";

const CHUNK_BYTES = 1 << 20;
/** What is written during a cut is kept up to this; a smaller bound would lose the last lines of a task. */
const CATCH_UP_BYTES = 64 * CHUNK_BYTES;

/**
 * Cuts a log that has outgrown `limit` bytes to its last half; the writer appends, so it goes on at the new end. It is
 * moved in place and piece by piece: a log that is bounded takes neither memory nor another file.
 *
 * @returns whether it has outgrown half of the limit, so that it is worth looking soon again
 */
export function boundLog(path: string, limit: number): boolean {
  const size = StatKey.of(path)?.size;
  if (size === undefined) return false; // Not written yet.
  if (size <= limit) return size > limit / 2;
  const from = size - Math.floor(limit / 2);
  using file = Deno.openSync(path, { read: true, write: true });
  const title = new TextEncoder().encode(`[the first ${from} bytes of this log were left out]\n`);
  let to = put(file, title, 0);
  const chunk = new Uint8Array(CHUNK_BYTES);
  // Up to the end, which moves while the log is written; lines of a writer faster than this are lost.
  for (let at = from; at < size + CATCH_UP_BYTES;) {
    file.seekSync(at, Deno.SeekMode.Start);
    const read = file.readSync(chunk);
    if (read === null) break;
    at += read;
    to = put(file, chunk.subarray(0, read), to);
  }
  file.truncateSync(to);
  return true;
}

/** Writes all of `bytes` at `at`; returns where they end. */
function put(file: Deno.FsFile, bytes: Uint8Array, at: number): number {
  file.seekSync(at, Deno.SeekMode.Start);
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(file.writeSync(rest));
  return at + bytes.length;
}
