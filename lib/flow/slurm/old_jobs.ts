/** Finds what batch jobs have left in a store that no run has come back to. */

import { dirname, join } from "node:path";
import { entriesOf } from "../store/layout.ts";
import { filesToRemove, type Leftovers } from "../store/leftovers.ts";
import { StatKey } from "../store/stat_key.ts";
import type { Store } from "../store/store.ts";
import type { ActionKey } from "../store/types.ts";
import { readAllocations } from "./allocations.ts";
import { allocationsFolder, jobsFolder } from "./files.ts";
import { isFinished, removeFinished } from "./finished.ts";
import { livingElements } from "./jobs.ts";

/**
 * Folders of actions that have a result, and of those that no process works on, of which Slurm has no job, unchanged since
 * `before` (milliseconds since 1970).
 *
 * @returns why nothing can be said: Slurm can't be asked for the jobs
 */
export async function oldJobs(store: Store, before: number): Promise<Leftovers | string> {
  const living = await livingElements(store.folder);
  if (typeof living === "string") return living;
  const needed = new Set(
    living.flatMap(({ allocation, paths }) => [allocation.folder, ...paths.map(dirname)]),
  );
  const isOld = (path: string) => !needed.has(path) && lastChange(path) < before;
  const folder = jobsFolder(store.folder);
  const allocations = allocationsFolder(store.folder);
  const paths = entriesOf(folder).flatMap((name) => {
    const path = join(folder, name);
    if (path === allocations) return [];
    const key = name as ActionKey;
    if (isFinished(store, key)) return [path];
    if (store.leases.isHeld(key)) return [];
    return entriesOf(path).map((attempt) => join(path, attempt)).filter(isOld);
  });
  const known = new Map(readAllocations(store.folder).map((allocation) => [allocation.folder, allocation]));
  // Jobs with works go when no work is left; drivers that did not come to their end, and jobs that were never submitted, do not.
  const lost = entriesOf(allocations).map((id) => join(allocations, id)).filter((path) => {
    const allocation = known.get(path);
    return (allocation === undefined || allocation.drives !== undefined) && isOld(path);
  });
  const leftovers = filesToRemove([...paths, ...lost]);
  return {
    ...leftovers,
    remove(removals) {
      leftovers.remove(removals);
      removeFinished(store);
    },
  };
}

/** Of a folder or what is in it. */
function lastChange(path: string): number {
  const changes = [path, ...entriesOf(path).map((name) => join(path, name))].map((one) =>
    StatKey.ofLink(one)?.modifiedAt ?? Infinity
  );
  return Math.max(...changes);
}
