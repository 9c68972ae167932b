/** Removes what batch jobs have left in a store and nobody will ask for. */

import { join } from "node:path";
import { entriesOf, tryRemoveAll } from "../store/layout.ts";
import type { ActionKey } from "../store/types.ts";
import { isThere } from "../../system/is_there.ts";
import { readAllocations } from "./allocations.ts";
import { allocationsFolder, jobsFolder, workPaths } from "./files.ts";

/** What Slurm has printed of a job that failed is kept for so long. */
const KEPT_MS = 7 * 86_400_000;

/** Removes folders of actions that have a result, or nothing in them, and jobs of which no work is left. */
export function removeFinished(store: string, hasResult: (key: ActionKey) => boolean): void {
  const folder = jobsFolder(store);
  for (const key of entriesOf(folder)) {
    const path = join(folder, key);
    if (path === allocationsFolder(store)) continue;
    if (hasResult(key as ActionKey) || entriesOf(path).length === 0) tryRemoveAll(path);
  }
  for (const { folder, elements, made } of readAllocations(store)) {
    const isNamed = isThere(join(folder, NAMED)) && Date.now() - made < KEPT_MS;
    const hasWork = elements.flat().some((path) => isThere(workPaths(path).work));
    if (!hasWork && !isNamed) tryRemoveAll(folder);
  }
}

const NAMED = "named";

/** An error names the log of the job in `folder`: it is kept for a while. */
export function keepForError(folder: string): void {
  Deno.writeTextFileSync(join(folder, NAMED), "");
}
