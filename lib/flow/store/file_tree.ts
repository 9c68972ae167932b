/** Lists the files below a folder, or the one file, and refuses entries that trees can't represent. */
import { refusalOf } from "../failure.ts";
import { collision, nameProblem } from "./names.ts";
import { readFolder } from "../../system/read_folder.ts";
import { retryStale } from "../../system/stale.ts";
import { isHeldOpen } from "./held_open.ts";
import { StatKey } from "./stat_key.ts";

/** A regular file of a tree; `path` is as in TreeEntry. */
export interface ListedFile {
  readonly path: string;
  /** Where the bytes are: of a link inside of the tree, its target. */
  readonly absolute: string;
  readonly key: StatKey;
}

export interface Listing {
  readonly kind: "file" | "folder";
  /** Sorted by path. */
  readonly files: readonly ListedFile[];
  /** The folder and every folder below it, as they were before they were listed. */
  readonly folders: readonly ListedFile[];
  /** The symbolic links below the folder: the keys of the links themselves. */
  readonly links: readonly ListedFile[];
  /** Folders without any file or folder in them, sorted. */
  readonly emptyFolders: readonly string[];
}

const PROBLEMS_SHOWN = 5;

/**
 * All files of `root`. Symbolic links to a file inside of the tree count as that file.
 *
 * @param root absolute; may itself be a link only where `followRoot` says so
 * @param refuse makes the error for a list of problems, each `path: reason`
 * @returns undefined where nothing is at `root`
 */
export function listFiles(
  root: string,
  followRoot: boolean,
  refuse: (problems: string) => Error,
): Listing | undefined {
  const key = followRoot ? StatKey.of(root) : StatKey.ofLink(root);
  if (key === undefined) return undefined;
  if (key.isFile) {
    return {
      kind: "file",
      files: [{ path: "", absolute: root, key }],
      folders: [],
      links: [],
      emptyFolders: [],
    };
  }
  if (!key.isFolder) throw refuse(`${root}: ${nature(key)} is neither a file nor a folder`);

  const walk: Walk = {
    root,
    real: undefined,
    files: [],
    folders: [],
    links: [],
    emptyFolders: [],
    problems: [],
  };
  walkFolder(walk, "");
  const pair = collision(walk.files.map(({ path }) => path));
  if (pair !== undefined) {
    walk.problems.push(
      `${JSON.stringify(pair[1])} can't be distinguished from ${
        JSON.stringify(pair[0])
      } everywhere: rename or remove one of them`,
    );
  }
  if (walk.problems.length > 0) {
    const more = walk.problems.length - PROBLEMS_SHOWN;
    throw refuse(
      walk.problems.slice(0, PROBLEMS_SHOWN).join("; ") + (more > 0 ? `; and ${more} more` : ""),
    );
  }
  walk.files.sort((a, b) => (a.path < b.path ? -1 : 1));
  const { files, folders, links, emptyFolders } = walk;
  return { kind: "folder", files, folders, links, emptyFolders: emptyFolders.sort() };
}

interface Walk {
  readonly root: string;
  /** The root without symbolic links, once it is needed. */
  real: string | undefined;
  readonly files: ListedFile[];
  readonly folders: ListedFile[];
  readonly links: ListedFile[];
  readonly emptyFolders: string[];
  readonly problems: string[];
}

function walkFolder(walk: Walk, folder: string): void {
  const absolute = folder === "" ? walk.root : `${walk.root}/${folder}`;
  const key = StatKey.of(absolute);
  if (key !== undefined) walk.folders.push({ path: folder, absolute, key });
  let isEmpty = true;
  for (const { name, isDirectory } of retryStale(() => readFolder(absolute))) {
    if (isHeldOpen(name)) continue;
    isEmpty = false;
    const path = folder === "" ? name : `${folder}/${name}`;
    const problem = nameProblem(path);
    if (problem !== undefined) walk.problems.push(`${JSON.stringify(path)}: ${problem}: rename it`);
    else if (isDirectory) walkFolder(walk, path);
    else addFile(walk, path);
  }
  if (isEmpty && folder !== "") walk.emptyFolders.push(folder);
}

function addFile(walk: Walk, path: string): void {
  const absolute = `${walk.root}/${path}`;
  let key: StatKey | undefined;
  try {
    key = StatKey.of(absolute);
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    walk.problems.push(`${JSON.stringify(path)}: ${refusal}`);
    return;
  }
  if (key === undefined) {
    walk.problems.push(
      `${
        JSON.stringify(path)
      }: a link to nothing, or gone while the folder was listed: remove the link or restore its target`,
    );
    return;
  }
  if (!key.isFile) {
    walk.problems.push(
      `${JSON.stringify(path)}: ${nature(key)}; only files and folders can be cached${
        key.isFolder ? ": put the folder in its place, or name its target as the source" : ": remove it"
      }`,
    );
    return;
  }
  const link = StatKey.ofLink(absolute);
  if (!link?.isLink) {
    walk.files.push({ path, absolute, key });
  } else {
    walk.links.push({ path, absolute, key: link });
    walk.real ??= Deno.realPathSync(walk.root);
    const target = Deno.realPathSync(absolute);
    if (target.startsWith(`${walk.real}/`)) walk.files.push({ path, absolute: target, key });
    else {walk.problems.push(
        `${JSON.stringify(path)}: a link to outside of the folder (${target}): put the file in its place`,
      );}
  }
}

function nature(key: StatKey): string {
  if (key.isFolder) return "a link to a folder";
  return key.isLink ? "a symbolic link" : "a device, pipe or socket";
}
