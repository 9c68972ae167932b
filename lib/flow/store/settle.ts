/** When a stat key can be trusted: only once the file system's clock has moved on from the file's last change. */
import { clockAhead, isOwnClock, mayProbe, preciseNow } from "./file_clock.ts";
import { STAT_HAS_NANOSECONDS, StatKey } from "./stat_key.ts";

/** The coarsest tick of a kernel's file time stamps that is in use (100 Hz). */
const COARSE_TICK_MS = 10;
/** A disk that keeps whole seconds (ext4 with 128-byte inodes, HFS+, many servers), or every second one (FAT). */
const WHOLE_SECONDS_MS = 2000;
/** No two clocks differ by more: what changed longer ago has not changed just now, whatever the clocks say. */
const MOST_APART_MS = 24 * 3600 * 1000;
/** Longer files are waited for, since reading them a second time would take longer than a tick. */
const WAIT_FROM_BYTES = 4 << 20;

/**
 * A file that changes twice within one tick of the clock keeps its stat key, so bytes read within that tick say nothing
 * about the key. Newer kernels (Linux 6.13 on ext4, xfs, btrfs and tmpfs) give a change after a stat a distinct time;
 * whether the store's file system does so is tested once.
 */
export class Settling {
  #device: number | undefined;
  #tried = false;

  /** @param folder of the store, in which a file may be made to try it out */
  constructor(readonly folder: string) {
    mayProbe(folder);
  }

  /**
   * May bytes that were read from `readAt` on (milliseconds since 1970) be remembered under this key? Where another machine's
   * clock gives the times, the store's own files are judged by how far that is off, seen in the store.
   *
   * @param seenAt when the file had this key already; where it is given, no other clock is relied on
   */
  trusts(key: StatKey, readAt: number, seenAt?: number): boolean {
    if (isSettled(key, readAt, seenAt) || (key.device === this.#fineGrainedDevice() && !isWholeSecond(key))) {
      return true;
    }
    if (seenAt !== undefined) return false;
    const ahead = clockAhead(key.device);
    return ahead !== undefined && key.changedAt < readAt + ahead - marginMs(key);
  }

  /**
   * Waits until the bytes of these files can be remembered.
   *
   * @param always also where they are so few that they could be read twice
   */
  async wait(keys: readonly StatKey[], always: boolean): Promise<void> {
    const now = preciseNow();
    // A time far in the future is another machine's clock, and nothing to wait for.
    const isComing = (key: StatKey) => isOwnClock(key.device) && key.changedAt >= now + marginMs(key);
    const young = keys.filter((key) => !this.trusts(key, now, always ? now : undefined) && !isComing(key));
    const bytes = young.reduce((sum, { size }) => sum + size, 0);
    if (young.length === 0 || (bytes < WAIT_FROM_BYTES && !always)) return;
    await new Promise((resolve) => setTimeout(resolve, settlesIn(young, now)));
  }

  #fineGrainedDevice(): number | undefined {
    if (!this.#tried) {
      this.#tried = true;
      this.#device = STAT_HAS_NANOSECONDS ? deviceOfFineTimes(this.folder) : undefined;
    }
    return this.#device;
  }
}

/** The device of `folder` if changes a few microseconds apart get times of their own there. */
function deviceOfFineTimes(folder: string): number | undefined {
  const file = `${folder}/clock-${crypto.randomUUID()}`;
  try {
    Deno.writeTextFileSync(file, "");
    const times = new Set<number>();
    const began = performance.now();
    const key = () => StatKey.of(file)!;
    for (let round = 0; round < 8; round++) {
      times.add(key().changedAt);
      Deno.chmodSync(file, round % 2 === 0 ? 0o600 : 0o644);
    }
    // Eight times in less than four milliseconds can't come from a clock that ticks every millisecond or slower.
    const fine = times.size === 8 && performance.now() - began < 4;
    const device = key().device;
    Deno.removeSync(file);
    return fine ? device : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether any later change of a file shows in its key, from which bytes were read from `readAt` on. By another machine's clock
 * that is not known; but what has the same key for longer than a tick will have another one after its next change.
 *
 * @param seenAt when the file had this key already
 */
export function isSettled(key: StatKey, readAt: number, seenAt = readAt): boolean {
  const past = readAt - marginMs(key);
  return seenAt < past || key.changedAt < (isOwnClock(key.device) ? past : past - MOST_APART_MS);
}

/** How long it takes until files that are looked at `now` are settled, if nobody changes them, in milliseconds. */
export function settlesIn(keys: readonly StatKey[], now: number): number {
  const waits = keys.map((key) =>
    marginMs(key) - (isOwnClock(key.device) ? Math.max(0, now - key.changedAt) : 0)
  );
  return Math.max(1, Math.ceil(Math.max(...waits)) + 1);
}

/** Whether a file may have changed at `time` (milliseconds since 1970, by this machine's clock) or later. */
export function mayHaveChangedSince(key: StatKey, time: number): boolean {
  return key.changedAt >= time + (clockAhead(key.device) ?? 0) - tickMs(key);
}

/**
 * By how much a change time may lie before the change. It is a property of the disk, seen in the time itself: one disk of
 * a million with finer times shows a whole second by chance, which only costs a wait.
 */
function tickMs(key: StatKey): number {
  return isWholeSecond(key) ? WHOLE_SECONDS_MS : COARSE_TICK_MS;
}

function marginMs(key: StatKey): number {
  return isWholeSecond(key) ? WHOLE_SECONDS_MS + COARSE_TICK_MS : 2 * COARSE_TICK_MS;
}

/** Without statx every change time comes in whole seconds. */
function isWholeSecond(key: StatKey): boolean {
  return !STAT_HAS_NANOSECONDS || key.changedAt % 1000 === 0;
}
