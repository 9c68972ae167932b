/** How much a disk still takes. */

import { statfsSync } from "node:fs";

export interface FreeSpace {
  /** Bytes that a user may still write. */
  readonly free: number;
  /** Bytes of the whole file system. */
  readonly size: number;
}

/** Of the file system that holds `path`; undefined where it does not say. */
export function freeSpace(path: string): FreeSpace | undefined {
  try {
    const { bavail, blocks, bsize } = statfsSync(path);
    return blocks > 0 ? { free: bavail * bsize, size: blocks * bsize } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Why `bytes` can't be written to the disk that holds `path`, with how to mend it; undefined where there is room.
 *
 * @param free what it has free; infinite where it does not say
 */
export function missingSpace(
  path: string,
  bytes: number,
  // Most tasks are not known to write anything: the disk is not asked for each of thousands.
  free = bytes === 0 ? Infinity : freeSpace(path)?.free ?? Infinity,
): string | undefined {
  if (free >= bytes) return undefined;
  const gb = (count: number) => `${(count / 1e9).toFixed(1)} GB`;
  return `about ${gb(bytes)} will be written, and the disk of ${path} has ${gb(free)} free: free some ` +
    "(`gc` removes what no run needs), choose another disk by --store, or, if the estimate is too high, " +
    "run it with --ignore-space";
}

/** A disk with less than that is full for every practical purpose. */
const FULL_BELOW_BYTES = 1 << 20;

/** Whether the disk that holds `path` is known to be full. */
export function isDiskFull(path: string): boolean {
  return (freeSpace(path)?.free ?? Infinity) < FULL_BELOW_BYTES;
}

/** Words to add to a failure which the full disk that holds `path` may have caused; nothing where there is room. */
export function fullDiskNote(path: string): string {
  if (!isDiskFull(path)) return "";
  return `; no space is left on the disk of ${path}: free some (\`gc\` removes what no run needs) and run it again`;
}
