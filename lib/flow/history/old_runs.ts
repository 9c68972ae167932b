/** Finds obsolete run records: old ones whose results may be deleted. */

import { entriesOf, runPaths } from "../store/layout.ts";
import { filesToRemove, type Leftovers } from "../store/leftovers.ts";
import { StatKey } from "../store/stat_key.ts";
import { isAlive, readRun, runIds } from "./runs.ts";

/**
 * @param roots the runs that stay
 * @param before in milliseconds since 1970: runs that began later stay, too
 */
export function oldRuns(store: string, roots: ReadonlySet<string>, before: number): Leftovers {
  const paths: string[] = [];
  const tables = new Set<string>();
  for (const id of runIds(store)) {
    const run = readRun(store, id);
    const began = run
      ? Date.parse(run.head.started)
      : StatKey.ofLink(runPaths(store).record(id))?.modifiedAt ?? 0;
    if (roots.has(id) || began >= before || (run && !run.end && isAlive(store, run))) {
      for (const digest of [...run?.tables ?? [], ...run?.end ? [run.end.keys] : []]) {
        tables.add(runPaths(store).keys(digest));
      }
    } else paths.push(runPaths(store).record(id), runPaths(store).now(id));
  }
  const folder = runPaths(store).tables;
  for (const name of entriesOf(folder)) {
    const path = `${folder}/${name}`;
    // A run that has just ended writes its table before its last line.
    const isNew = (StatKey.ofLink(path)?.modifiedAt ?? Infinity) >= before;
    if (!tables.has(path) && !isNew) paths.push(path);
  }
  return filesToRemove(paths);
}
