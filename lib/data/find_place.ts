/** Finds a file or folder of an unpacked data set: mirrors and unpackers add levels of folders. */

import { join } from "node:path";
import { DataSetError } from "./data_set_error.ts";
import { listFolder } from "./list_folder.ts";

const DEEPEST = 3;
/** A folder with more subfolders holds images by class, and is not searched. */
const MOST_FOLDERS = 64;

/**
 * The path of the file or folder `name` in `root` or up to three folders below it. If a folder contains only
 * a folder of the same name, the inner one is returned. If nothing is found, the result is the path where it
 * is expected.
 *
 * @throws {DataSetError} if several are found at the same depth, or a folder on the way can't be listed.
 */
export function findPlace(root: string, name: string): string {
  let level = [root];
  for (let depth = 0; depth <= DEEPEST && level.length > 0; depth++) {
    const entries = level.map((folder) => ({ folder, inside: listFolder(folder) ?? [] }));
    const found = entries.filter(({ inside }) => inside.some((entry) => entry.name === name))
      .map(({ folder }) => innermost(join(folder, name), name));
    if (found.length > 1) {
      const reason = `"${name}" was found twice, at ${found[0]} and ${
        found[1]
      }: give the folder that contains the one to use`;
      throw new DataSetError(root, undefined, reason);
    }
    if (found.length === 1) return found[0];
    level = entries.flatMap(({ folder, inside }) => {
      const folders = inside.filter((entry) => entry.isDirectory);
      return folders.length > MOST_FOLDERS ? [] : folders.map((entry) => join(folder, entry.name));
    });
  }
  return join(root, name);
}

/** Descends while a folder contains only a folder of the same name. */
function innermost(path: string, name: string): string {
  const [only, ...others] = listFolder(path) ?? [];
  return only?.name === name && only.isDirectory && others.length === 0
    ? innermost(join(path, name), name)
    : path;
}
