/** Lists folders of a data set: one that the disk fails to list is an error, never a smaller data set. */

import { join } from "node:path";
import { isMissing } from "../system/is_there.ts";
import { type FolderEntry, readFolder } from "../system/read_folder.ts";
import { DataSetError } from "./data_set_error.ts";

/**
 * The names in a folder, sorted, and whether each is a folder, also at the end of a link, and whether it is a link;
 * undefined if there is no such folder.
 *
 * @throws {DataSetError} if it can't be listed to its end.
 */
export function listFolder(folder: string): FolderEntry[] | undefined {
  try {
    return readFolder(folder).map(({ name, isDirectory, isSymlink }) => ({
      name,
      isSymlink,
      isDirectory: isDirectory || isSymlink && leadsToFolder(join(folder, name)),
    })).sort((a, b) => a.name < b.name ? -1 : 1);
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    const reason = `the folder can't be listed: ${(cause as Error).message}`;
    throw new DataSetError(folder, undefined, reason, { cause });
  }
}

function leadsToFolder(link: string): boolean {
  try {
    return Deno.statSync(link).isDirectory;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
