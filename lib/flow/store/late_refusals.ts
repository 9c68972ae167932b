/**
 * Writes that are refused late. A network file system takes what is written, and learns only when it sends that to its server
 * that the disk is full: whoever flushes a file is told, and whoever only closes it is not.
 */
import { readFolder } from "../../system/read_folder.ts";
import { isOwnClock } from "./file_clock.ts";
import { StatKey } from "./stat_key.ts";

/** Whether a disk may refuse what it has taken: all but those of this machine, whose clock is this machine's too. */
export function refusesLate(device: number): boolean {
  return !isOwnClock(device);
}

/** Makes sure that all of a file is on its disk, if that may refuse it late. @throws what the system refuses */
export function flushed(path: string, key = StatKey.ofLink(path)): void {
  if (key === undefined || !refusesLate(key.device)) return;
  using file = Deno.openSync(path);
  file.syncSync();
}

/** Makes sure of all files below a folder; of nothing where it is missing. @throws what the system refuses */
export function flushedBelow(folder: string): void {
  const key = StatKey.ofLink(folder);
  if (key?.isFolder !== true || !refusesLate(key.device)) return;
  for (const { name, isDirectory, isSymlink } of readFolder(folder)) {
    if (isDirectory) flushedBelow(`${folder}/${name}`);
    else if (!isSymlink) flushed(`${folder}/${name}`);
  }
}
