/** Sources, the user's files and folders: their present state, and whether they changed. */
import { messageOf, refusalOf } from "../failure.ts";
import { artifactOf } from "./digest.ts";
import type { Digester } from "./digester.ts";
import { type ListedFile, listFiles, type Listing } from "./file_tree.ts";
import { SIZE_UNKNOWN } from "./hash_range.ts";
import { preciseNow } from "./file_clock.ts";
import { changedParents, changedPaths, type Way, wayTo } from "./source_way.ts";
import { StatKey } from "./stat_key.ts";
import { type SourceState, StoreError } from "./types.ts";

/** A folder in which files come and go all the time is given up after so many looks. */
const MOST_LOOKS = 3;

/**
 * The present state of a source.
 *
 * @param path absolute; may be a symbolic link
 * @throws StoreError source-missing, or source-refused if trees can't represent it or it keeps changing
 */
export async function digestSource(
  digester: Digester,
  path: string,
  kind: "file" | "folder",
): Promise<SourceState> {
  try {
    return await stateOf(digester, path, kind);
  } catch (error) {
    throw refusalOf(error) === undefined || error instanceof StoreError
      ? error
      : refused(path, messageOf(error));
  }
}

async function stateOf(digester: Digester, path: string, kind: "file" | "folder"): Promise<SourceState> {
  const { way, listing: { files, folders, links, emptyFolders }, unsettled } = await settledListing(
    digester,
    path,
    kind,
  );
  const known = await digester.digest(
    files.map(({ absolute, key }) => ({ absolute, name: absolute, key })),
    (changing) => refused(path, `${changing} changes while it is read`),
    // Until the results of tasks that read them are cached, their stat keys must show any change.
    { settled: true },
  ).catch((error) => {
    throw error.message.includes(SIZE_UNKNOWN)
      ? refused(path, `${error.message}: make a copy of it, and name that`)
      : error;
  });
  const entries = files.map((file, i) => ({
    path: file.path,
    digest: known[i].digest,
    size: known[i].key.size,
    ...(known[i].key.isExecutable && { executable: true as const }),
  }));
  const statsOf = (found: Listing["files"]) => found.map(({ path, key }) => ({ path, key: key.toString() }));
  return {
    path,
    kind,
    artifact: artifactOf(entries, emptyFolders),
    keys: known.map(({ key }) => key.toString()),
    folders: statsOf(folders),
    links: [...way.links, ...statsOf(links)],
    parents: way.parents,
    unsettled: [
      ...unsettled.filter(({ key }) => key.isFolder).map(({ absolute }) => absolute),
      ...files.filter((_, i) => !known[i].trusted).map((file) =>
        file.path === "" ? path : `${path}/${file.path}`
      ),
    ],
  };
}

/** What is at `path`, with keys of folders and links that tell any later change. */
async function settledListing(
  { settling }: Digester,
  path: string,
  kind: "file" | "folder",
): Promise<{ way: Way; listing: Listing; unsettled: readonly ListedFile[] }> {
  let before = new Map<string, number>();
  for (let look = 1;; look++) {
    const readAt = preciseNow();
    const way = wayTo(path);
    const listing = listSource(path, kind);
    const lookedAt = preciseNow();
    const seenAt = ({ absolute, key }: ListedFile) => before.get(`${key} ${absolute}`) ?? lookedAt;
    const unsettled = [...listing.folders, ...listing.links].filter((one) =>
      !settling.trusts(one.key, readAt, seenAt(one))
    );
    if (look === MOST_LOOKS || unsettled.length === 0) return { way, listing, unsettled };
    before = new Map(unsettled.map((one) => [`${one.key} ${one.absolute}`, seenAt(one)]));
    await settling.wait(unsettled.map(({ key }) => key), true);
  }
}

/**
 * The paths of a source that are no longer what `state` says: changed, gone, or new, be they files, folders or links.
 * Nothing is read.
 *
 * @throws what the system refuses: a source that can't be looked at is not known to have changed
 */
export function driftedPaths(state: SourceState): string[] {
  const onTheWay = [...changedPaths(state.path, state.links), ...changedParents(state.parents)];
  if (state.kind === "file") {
    const same = StatKey.of(state.path)?.toString() === state.keys[0];
    return distinct([...(same ? [] : [state.path]), ...onTheWay]);
  }
  let listing: Listing;
  try {
    listing = listSource(state.path, "folder");
  } catch (error) {
    if (error instanceof StoreError) return [state.path];
    throw error;
  }
  const at = (path: string) => (path === "" ? state.path : `${state.path}/${path}`);
  const before = new Map(state.artifact.entries.map(({ path }, i) => [path, state.keys[i]]));
  const changed = listing.files.filter(({ path, key }) => before.get(path) !== key.toString());
  const now = new Set(listing.files.map(({ path }) => path));
  const gone = [...before.keys()].filter((path) => !now.has(path));
  const files = distinct([...changed.map(({ path }) => at(path)), ...gone.map(at), ...onTheWay]);
  // A file that came and went has left its trace in the folder; what is named already needs no second name.
  const folders = changedPaths(state.path, state.folders)
    .filter((folder) => !files.some((file) => file.startsWith(`${folder}/`)));
  return [...files, ...folders.filter((path) => !files.includes(path))];
}

function listSource(path: string, kind: "file" | "folder"): Listing {
  const listing = listFiles(path, true, (problems) => refused(path, problems));
  if (listing?.kind === kind) return listing;
  throw new StoreError(listing ? "source-refused" : "source-missing", mismatch(path, kind, listing?.kind));
}

/** The problem of a source as far as its path shows it; undefined if it may be read. */
export function sourceProblem(path: string, kind: "file" | "folder"): string | undefined {
  let key: StatKey | undefined;
  try {
    key = StatKey.of(path);
  } catch (error) {
    return refused(path, messageOf(error)).message;
  }
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

const distinct = (paths: readonly string[]): string[] => [...new Set(paths)];
