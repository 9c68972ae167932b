/** When a stat key can be trusted: only once the file system's clock has moved on from the file's last change. */
import { STAT_HAS_NANOSECONDS, StatKey } from "./stat_key.ts";

/** The coarsest tick of a kernel's file time stamps that is in use (100 Hz). */
const COARSE_TICK_MS = 10;
/** A disk that keeps whole seconds (ext4 with 128-byte inodes, HFS+, many servers), or every second one (FAT). */
const WHOLE_SECONDS_MS = 2000;
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
  constructor(readonly folder: string) {}

  /** May bytes that were read from `readAt` on (milliseconds since 1970) be remembered under this key? */
  trusts(key: StatKey, readAt: number): boolean {
    return key.changedAt < readAt - marginMs(key) ||
      (key.device === this.#fineGrainedDevice() && !isWholeSecond(key));
  }

  /**
   * Waits until the bytes of these files can be remembered.
   *
   * @param always also where they are so few that they could be read twice
   */
  async wait(keys: readonly StatKey[], always: boolean): Promise<void> {
    const now = preciseNow();
    // A time far in the future is another machine's clock, and nothing to wait for.
    const young = keys.filter((key) => !this.trusts(key, now) && key.changedAt < now + marginMs(key));
    const bytes = young.reduce((sum, { size }) => sum + size, 0);
    if (young.length === 0 || (bytes < WAIT_FROM_BYTES && !always)) return;
    const ready = young.reduce((latest, key) => Math.max(latest, key.changedAt + marginMs(key)), 0);
    await new Promise((resolve) => setTimeout(resolve, Math.max(1, Math.ceil(ready - now) + 1)));
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

/** Whether a file may have changed at `time` (milliseconds since 1970) or later, by the clock of this machine. */
export function mayHaveChangedSince(key: StatKey, time: number): boolean {
  return key.changedAt >= time - tickMs(key);
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

/** Milliseconds since 1970 with a fraction; Date.now has none. */
export function preciseNow(): number {
  return performance.timeOrigin + performance.now();
}
