/**
 * The clocks that files have their times from. On a disk of this machine it is this machine's own. Beyond a network, or below a
 * file system in a program, it is another one's, which may be hours ahead or behind: there a time of a file says nothing of
 * before and after, unless it is known by how much that clock is off.
 */
import { tryRemoveAll } from "./layout.ts";
import { StatKey } from "./stat_key.ts";

/** The file systems of which this machine's kernel gives the times. */
const OWN = new Set(
  ("bcachefs bfs btrfs erofs exfat ext2 ext3 ext4 f2fs hfs hfsplus iso9660 jffs2 jfs minix msdos nilfs2 ntfs3 overlay ramfs " +
    "reiserfs rootfs squashfs tmpfs ubifs udf ufs vfat xfs zfs").split(" "),
);

/** Folders in which a file may be made to see which time it gets, and whether that was done. */
const probed = new Map<string, boolean>();
/** By device: how far its clock is ahead of this machine's, at least, in milliseconds. */
const aheads = new Map<number, number>();
/** Clocks run at slightly different rates, and are set. */
const MEASURED_AGAIN_MS = 600_000;
let measuredAt = 0;
/** By device: whether its clock is this machine's. */
const owns = new Map<number, boolean>();

/** Lets the clock of the device be looked at on which a folder is that this process may write to. */
export function mayProbe(folder: string): void {
  if (!probed.has(folder)) probed.set(folder, false);
}

/** Whether files of a device have the times of this machine's clock. */
export function isOwnClock(device: number): boolean {
  if (Deno.build.os !== "linux") return true;
  const known = owns.get(device);
  if (known !== undefined) return known;
  // Anew for each, since some are mounted when they are first looked at.
  const types = mountedTypes();
  const type = types.get(device);
  // Each subvolume of btrfs has a device that is in no list.
  const isOwn = type === undefined ? [...types.values()].includes("btrfs") : OWN.has(type);
  owns.set(device, isOwn);
  return isOwn;
}

/**
 * How far the clock of a device is ahead of this machine's, in milliseconds: so much at least, and more only by the time that
 * it took to ask. Undefined where it can't be known.
 */
export function clockAhead(device: number): number | undefined {
  if (isOwnClock(device)) return 0;
  if (performance.now() - measuredAt > MEASURED_AGAIN_MS) {
    aheads.clear();
    for (const folder of probed.keys()) probed.set(folder, false);
    measuredAt = performance.now();
  }
  for (const [folder, isDone] of probed) {
    if (aheads.has(device)) break;
    if (isDone) continue;
    probed.set(folder, true);
    probe(folder);
  }
  return aheads.get(device);
}

/** A time of a file as this machine's clock would have had it, in milliseconds since 1970. */
export function ownTime(key: StatKey, time = key.modifiedAt): number {
  return time - (clockAhead(key.device) ?? 0);
}

/** By the clock of this machine or by that of the files in `folder`, whichever is behind, in milliseconds since 1970. */
export function earliestNow(folder: string): number {
  const key = StatKey.of(folder);
  return Date.now() + Math.min(0, Math.ceil((key && clockAhead(key.device)) ?? 0));
}

/** Milliseconds since 1970 with a fraction; Date.now has none. */
export function preciseNow(): number {
  return performance.timeOrigin + performance.now();
}

function probe(folder: string): void {
  const file = `${folder}/clock-${crypto.randomUUID()}`;
  try {
    Deno.writeTextFileSync(file, "", { createNew: true });
    const key = StatKey.ofLink(file)!;
    aheads.set(key.device, key.changedAt - preciseNow());
  } catch {
    // A folder that can't be written to, or is gone.
  } finally {
    tryRemoveAll(file);
  }
}

/** The types of file systems by device, in the form that stat keys have. */
function mountedTypes(): Map<number, string> {
  const found = new Map<number, string>();
  let text = "";
  try {
    text = Deno.readTextFileSync("/proc/self/mountinfo");
  } catch {
    // Without /proc no disk is known to be one of this machine.
  }
  for (const line of text.split("\n")) {
    const device = /^\d+ \d+ (\d+):(\d+) .* - (\S+) /.exec(line);
    if (device !== null) found.set((Number(device[1]) << 20) ^ Number(device[2]), device[3]);
  }
  return found;
}
