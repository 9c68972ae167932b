/** The TypeScript modules that lie in a folder, such as workflows and kinds. */

import { join } from "node:path";
import { readFolder } from "../system/read_folder.ts";

/**
 * Their paths, sorted. Hidden files are none: while a module is edited, its editor may have a lock beside it, which is a
 * link to nothing, or a copy.
 *
 * @throws what the system refuses
 */
export function moduleFiles(folder: string): string[] {
  return readFolder(folder)
    .filter(({ name, isDirectory }) => !isDirectory && name.endsWith(".ts") && !name.startsWith("."))
    .map(({ name }) => join(folder, name)).sort();
}
