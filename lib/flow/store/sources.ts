/** Files and folders of the user: what they are now, and whether they still are. */
import { artifactOf } from "./digest.ts";
import type { Digester } from "./digester.ts";
import { listFiles, type Listing } from "./file_tree.ts";
import { preciseNow } from "./settle.ts";
import { StatKey } from "./stat_key.ts";
import { type SourceState, StoreError } from "./types.ts";

/**
 * The present state of a source.
 *
 * @param path absolute; may be a symbolic link
 * @throws StoreError source-missing, or source-refused for what can't be kept as a tree or never holds still
 */
export async function digestSource(
  digester: Digester,
  path: string,
  kind: "file" | "folder",
): Promise<SourceState> {
  const readAt = preciseNow();
  const { files, folders } = listSource(path, kind);
  const known = await digester.digest(
    files.map(({ absolute, key }) => ({ absolute, name: absolute, key })),
    (changing) => refused(path, `${changing} changes while it is read`),
    // Until the result of a task that reads them is kept, their stat keys must tell any change.
    { settled: true },
  );
  const entries = files.map((file, i) => ({
    path: file.path,
    digest: known[i].digest,
    size: known[i].key.size,
    ...(known[i].key.isExecutable && { executable: true as const }),
  }));
  return {
    path,
    kind,
    artifact: artifactOf(entries),
    keys: known.map(({ key }) => key.toString()),
    folders: folders.map(({ path, key }) => ({ path, key: key.toString() })),
    readAt,
  };
}

/** The paths below a source that are no longer what `state` says: changed, gone, or new. Nothing is read. */
export function driftedPaths(state: SourceState): string[] {
  const at = (path: string) => (path === "" ? state.path : `${state.path}/${path}`);
  if (state.kind === "file") {
    return StatKey.of(state.path)?.toString() === state.keys[0] ? [] : [state.path];
  }
  let files: Listing["files"];
  try {
    files = listSource(state.path, "folder").files;
  } catch {
    return [state.path];
  }
  const before = new Map(state.artifact.entries.map(({ path }, i) => [path, state.keys[i]]));
  const drifted = files.filter(({ path, key }) => before.get(path) !== key.toString()).map(({ path }) =>
    at(path)
  );
  const now = new Set(files.map(({ path }) => path));
  return [...drifted, ...[...before.keys()].filter((path) => !now.has(path)).map(at)];
}

function listSource(path: string, kind: "file" | "folder"): Listing {
  const listing = listFiles(path, true, (problems) => refused(path, problems));
  if (listing?.kind === kind) return listing;
  throw new StoreError(listing ? "source-refused" : "source-missing", mismatch(path, kind, listing?.kind));
}

/** What is wrong with a source by a look at its path alone; undefined where it may be read. */
export function sourceProblem(path: string, kind: "file" | "folder"): string | undefined {
  const key = StatKey.of(path);
  if (key === undefined) return mismatch(path, kind, undefined);
  if (kind === "file" ? key.isFolder : key.isFile) {
    return mismatch(path, kind, key.isFile ? "file" : "folder");
  }
}

function mismatch(path: string, kind: "file" | "folder", found: "file" | "folder" | undefined): string {
  return found === undefined
    ? `the ${kind} ${path} does not exist: create it or correct its path`
    : `${path} is a ${found} and not a ${kind}: say ${found}(…) in the workflow`;
}

function refused(path: string, problems: string): StoreError {
  return new StoreError("source-refused", `the source ${path} cannot be used: ${problems}`);
}
