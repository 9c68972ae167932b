/** Removes what batch jobs have left in a store and nobody will ask for. */

import { join } from "node:path";
import { entriesOf, tryRemoveAll } from "../store/layout.ts";
import { keyNow } from "../store/late_view.ts";
import { replaceFile } from "../store/replace_file.ts";
import type { Store } from "../store/store.ts";
import type { ActionKey } from "../store/types.ts";
import { isThere } from "../../system/is_there.ts";
import { type Allocation, readAllocations } from "./allocations.ts";
import { allocationPaths, allocationsFolder, jobsFolder, workPaths } from "./files.ts";
import { removeEmpty } from "./job_folders.ts";

/** What Slurm has printed of a job that failed is kept for so long. */
const KEPT_MS = 7 * 86_400_000;

/** Whether a key has its result, and nobody works on it: one that was damaged may be made again. */
export function isFinished(store: Store, key: ActionKey): boolean {
  return store.getRecord(key) !== undefined && !store.leases.isHeld(key);
}

/** Removes folders of actions that are finished, or have nothing in them, and jobs of which no work is left. */
export function removeFinished(store: Store): void {
  const folder = jobsFolder(store.folder);
  const allocations = allocationsFolder(store.folder);
  for (const key of entriesOf(folder)) {
    const path = join(folder, key);
    if (path === allocations) continue;
    if (isFinished(store, key as ActionKey)) tryRemoveAll(path);
    else removeEmpty(path);
  }
  for (const allocation of readAllocations(store.folder)) {
    if (!isNeeded(allocation)) tryRemoveAll(allocation.folder);
  }
  removeEmpty(allocations);
  removeEmpty(folder);
}

/** A driver is in nobody's hand: what it has printed is kept as if an error named it. */
function isNeeded({ folder, elements, made, drives }: Allocation): boolean {
  if (drives !== undefined && !isThere(allocationPaths(folder).ended)) return true;
  const isKept = drives !== undefined || isThere(join(folder, NAMED));
  return (isKept && Date.now() - made < KEPT_MS) ||
    elements.flat().some((path) => keyNow(workPaths(path).work) !== undefined);
}

const NAMED = "named";

/** An error names the log of the job in `folder`: it is kept for a while. */
export function keepForError(folder: string): void {
  replaceFile(join(folder, NAMED), "");
}
