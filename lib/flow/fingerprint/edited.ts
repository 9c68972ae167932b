/** Detects code that was edited after its fingerprint was taken, for a process that has read it or is about to. */
import { isOwnClock, preciseNow } from "../store/file_clock.ts";
import { mayHaveChangedSince } from "../store/settle.ts";
import { StatKey } from "../store/stat_key.ts";
import type { Fingerprint } from "./code_identity.ts";

/** The stat keys of `files` by path; one of a file that is gone is empty. */
export function keysOf(files: readonly string[]): Record<string, string> {
  return Object.fromEntries(files.map((path) => [path, StatKey.of(path)?.toString() ?? ""]));
}

/** The files that are not as they were when the fingerprint was taken. */
export function changedFiles({ keys }: Fingerprint): string[] {
  return Object.keys(keys).filter((path) => StatKey.of(path)?.toString() !== keys[path]);
}

/** The files that this process may have read with other bytes than those of the fingerprint. */
export function editedSinceStart(fingerprint: Fingerprint): string[] {
  const now = preciseNow();
  const edited = Object.entries(fingerprint.keys).filter(([, text]) => {
    const key = StatKey.parse(text);
    // A time ahead of now is another machine's clock; how far that is off is not known then.
    const isComing = key !== undefined && isOwnClock(key.device) && key.changedAt > now;
    return key !== undefined && mayHaveChangedSince(key, performance.timeOrigin) && !isComing;
  });
  return [...new Set([...edited.map(([path]) => path), ...changedFiles(fingerprint)])];
}
