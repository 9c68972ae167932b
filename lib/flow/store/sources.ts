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
  if (listing === undefined) {
    throw new StoreError(
      "source-missing",
      `the ${kind} ${path} does not exist: create it or correct its path`,
    );
  }
  if (listing.kind !== kind) {
    throw new StoreError(
      "source-refused",
      `${path} is a ${listing.kind} and not a ${kind}: say ${listing.kind}(…) in the workflow`,
    );
  }
  return listing;
}

function refused(path: string, problems: string): StoreError {
  return new StoreError("source-refused", `the source ${path} cannot be used: ${problems}`);
}
