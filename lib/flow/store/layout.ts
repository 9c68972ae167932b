/** Where things lie in a store; see cache/README.md. All paths but the folder itself are relative to it. */
import { messageOf, refusalOf } from "../failure.ts";
import type { ActionKey } from "./types.ts";
import { readFolder } from "../../system/read_folder.ts";
import { isMissing } from "../../system/is_there.ts";
import { codeOf } from "../../system/error_code.ts";
import { isStale, retryStale } from "../../system/stale.ts";
import { isHeldOpen, removeAround } from "./held_open.ts";

/** Paths relative to the store's folder. */
export const LAYOUT = {
  version: "version",
  index: "stat-index",
  blobs: "blobs",
  trees: "trees",
  records: "records",
  packs: "packs",
  owners: "leases/owners",
  leases: "leases/actions",
  burials: "leases/burials",
  work: "work",
  jobs: "jobs",
  scratch: "scratch",
  quarantine: "quarantine",
  snapshots: "snapshots",
  logs: "logs",
  runs: "runs",
  runKeys: "runs/keys",
  pinnedRuns: "runs/pinned",
  history: "history",
  historyTrees: "history/trees",
  historyFigures: "history/figures",
  historyRows: "history/rows.json",
  results: "results",
  fingerprints: "fingerprints",
} as const;

/** What a run leaves in the store at `folder`; see history/journal.ts. */
export const runPaths = (folder: string) => ({
  folder: `${folder}/${LAYOUT.runs}`,
  tables: `${folder}/${LAYOUT.runKeys}`,
  pins: `${folder}/${LAYOUT.pinnedRuns}`,
  record: (run: string) => `${folder}/${LAYOUT.runs}/${run}.jsonl`,
  /** What the run does at this moment. */
  now: (run: string) => `${folder}/${LAYOUT.runs}/${run}.now`,
  /** The keys of a run's tasks, by the digest of the table. */
  keys: (digest: string) => `${folder}/${LAYOUT.runKeys}/${digest}.json`,
  /** Its presence pins a run: garbage collection keeps all of its results. */
  pin: (run: string) => `${folder}/${LAYOUT.pinnedRuns}/${run}`,
});

/** `blobs/ab/abcdef…`: by the first two digits, so that no folder grows long. */
export function shardedName(area: string, name: string): string {
  return `${area}/${name.slice(0, 2)}/${name}`;
}

/** Where the log of an action that failed is kept, in the store at `folder`. */
export function failedLogPath(folder: string, key: ActionKey): string {
  return `${folder}/${LAYOUT.logs}/${key}.log`;
}

/** The names in a sharded area; strange ones are passed over. */
export function* namesIn<Name extends string>(
  folder: string,
  area: string,
  legal: (name: string) => name is Name,
): Generator<Name> {
  for (const shard of entriesOf(`${folder}/${area}`)) {
    for (const name of entriesOf(`${folder}/${area}/${shard}`)) {
      if (legal(name) && name.startsWith(shard)) yield name;
    }
  }
}

/** The sorted names in a folder, but for files that are removed and still open; none where it does not exist. */
export function entriesOf(folder: string): string[] {
  try {
    return retryStale(() => readFolder(folder)).map(({ name }) => name).filter((name) => !isHeldOpen(name))
      .sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Makes a folder, and those above it; leaves one that is there. @throws what the system refuses */
export function makeFolder(path: string): void {
  try {
    Deno.mkdirSync(path, { recursive: true });
  } catch (error) {
    // Also said of a folder that is there and could not be looked at, which has another reason.
    if (!(error instanceof Deno.errors.AlreadyExists) || !Deno.statSync(path).isDirectory) throw error;
  }
}

/** Folders that this process has seen: a failed attempt costs more than to make sure of a folder once. */
const seen = new Set<string>();

/** Does `work`, which writes to `path`; creates the folder of `path` if that was missing. */
export function inFolderOf<T>(path: string, work: () => T): T {
  const folder = path.slice(0, path.lastIndexOf("/"));
  if (!seen.has(folder)) {
    makeFolder(folder);
    seen.add(folder);
  }
  try {
    return work();
  } catch (error) {
    if (!isMissing(error) && !isStale(error)) throw error;
    makeFolder(folder);
    return work();
  }
}

/** A process that outlives its run may write into a folder while it is deleted; then deleting starts over. */
const MOST_REMOVALS = 50;

/**
 * Removes a file or a folder with all it holds, also where its owner took away the permission; never throws for what is not
 * there. On NFS a folder stays in which a file is still open, with nothing else in it.
 */
export function removeAll(path: string): void {
  for (let attempt = 1;; attempt++) {
    try {
      return Deno.removeSync(path, { recursive: true });
    } catch (error) {
      if (isMissing(error)) return;
      const code = codeOf(error);
      if ((code === "EBUSY" || code === "ENOTEMPTY") && isHeld(path)) return;
      if (isStale(error) && attempt < MOST_REMOVALS) continue;
      if (error instanceof Deno.errors.PermissionDenied && attempt === 1) makeFoldersWritable(path);
      else if (code !== "ENOTEMPTY" || attempt === MOST_REMOVALS) throw error;
    }
  }
}

/**
 * Removes what nobody needs any more. No later run depends on that: what the system refuses to remove stays.
 *
 * @returns why it could not be removed; undefined where it is gone
 */
export function tryRemoveAll(path: string): string | undefined {
  try {
    removeAll(path);
  } catch (error) {
    return messageOf(error);
  }
}

/** Whether only open files are left in a folder, having removed all else. */
function isHeld(folder: string): boolean {
  try {
    return removeAround(folder);
  } catch {
    return false;
  }
}

/** Does what it can: where that is not enough, the removal is refused again, and by its reason. */
function makeFoldersWritable(folder: string): void {
  try {
    if (Deno.lstatSync(folder).isDirectory) makeWritable(folder);
  } catch (error) {
    if (refusalOf(error) === undefined) throw error;
  }
}

function makeWritable(folder: string): void {
  // Deno has no path for a folder whose name is not UTF-8.
  if (folder.includes("\ufffd")) return;
  Deno.chmodSync(folder, 0o755);
  for (const { name, isDirectory } of readFolder(folder)) {
    if (isDirectory) makeWritable(`${folder}/${name}`);
  }
}
