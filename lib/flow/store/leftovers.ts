/** Finds unneeded files beside the results: partial work, damaged files, snapshots and logs of failures. */
import { entriesOf, failedLogPath, LAYOUT } from "./layout.ts";
import type { StoreParts } from "./parts.ts";
import type { RefusedRemovals } from "./refused_removals.ts";
import type { ActionKey } from "./types.ts";
import { StatKey } from "./stat_key.ts";

/** Files to remove, with how many they are. */
export interface Leftovers {
  readonly files: number;
  readonly bytes: number;
  /** What can't be removed is passed over, and in `removals`. */
  remove(removals: RefusedRemovals): void;
}

/** Files unchanged since `before` (milliseconds since 1970), logs of failures that have been fixed, and work folders
 * whose process has ended. */
export function leftoversOf(store: StoreParts, before: number): Leftovers {
  const leased = new Set(store.leases.leased());
  // What a network file system says of times may be some seconds old: what goes by them saves time only, or is for people.
  const isOld = (path: string) => (StatKey.ofLink(path)?.modifiedAt ?? Infinity) < before;
  const paths = [LAYOUT.quarantine, LAYOUT.scratch, LAYOUT.snapshots, LAYOUT.logs].flatMap((area) =>
    entriesOf(`${store.folder}/${area}`).flatMap((name) => {
      const path = `${store.folder}/${area}/${name}`;
      const key = name.replace(/\.log$/, "") as ActionKey;
      const isMended = path === failedLogPath(store.folder, key) && StatKey.ofLink(store.records.path(key));
      // Partial work only saves time: whoever asks for space gets it.
      const isFree = area === LAYOUT.scratch || isMended || isOld(path);
      return !leased.has(key) && isFree ? [path] : [];
    })
  );
  const works = entriesOf(`${store.folder}/${LAYOUT.work}`);
  // Afterwards, since a process is known before it has a work folder.
  const owners = new Set(entriesOf(`${store.folder}/${LAYOUT.owners}`));
  const abandoned = works.filter((token) => !owners.has(token))
    .map((token) => `${store.folder}/${LAYOUT.work}/${token}`);
  return filesToRemove([...paths, ...abandoned]);
}

/** Files, and folders with their content. */
export function filesToRemove(paths: readonly string[]): Leftovers {
  const sizes = paths.flatMap((path) => [...sizesBelow(path)]);
  return {
    files: sizes.length,
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    remove: (removals) => paths.forEach((path) => removals.remove(path)),
  };
}

function* sizesBelow(path: string): Generator<number> {
  const key = StatKey.ofLink(path);
  if (key === undefined) return;
  if (!Deno.lstatSync(path).isDirectory) return yield key.size;
  for (const name of entriesOf(path)) yield* sizesBelow(`${path}/${name}`);
}
