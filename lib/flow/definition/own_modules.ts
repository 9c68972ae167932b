/** The modules in the folders that `protoflow.json` names, such as kinds: each is called after its file. */

import { basename } from "node:path";
import { FlowError } from "../errors.ts";
import { messageOf } from "../failure.ts";
import { moduleFiles } from "../module_files.ts";

/**
 * The TypeScript modules by name: `count_lines.ts` is `count-lines`.
 *
 * @param what they are, for errors
 * @param settings the file that names the folders
 * @param taken names that are not free
 * @throws FlowError settings, kind where a folder can't be read or two modules have one name
 */
export function modulesByName(
  what: "kind" | "model",
  folders: readonly string[],
  settings: string,
  taken: (name: string) => boolean,
): Record<string, string> {
  const found = new Map<string, string>();
  for (const folder of folders) {
    for (const path of modulesIn(what, folder, settings)) {
      const name = basename(path, ".ts").replaceAll("_", "-");
      const other = taken(name) ? `a ${what} of the project` : found.get(name);
      if (other !== undefined) {
        throw new FlowError(
          "kind",
          `${path}: "${name}" is the name of ${other}, too; rename the file and its ${what}`,
        );
      }
      found.set(name, path);
    }
  }
  return Object.fromEntries(found);
}

function modulesIn(what: string, folder: string, settings: string): string[] {
  try {
    return moduleFiles(folder);
  } catch (error) {
    throw new FlowError(
      "settings",
      `${settings}: the folder of ${what}s ${folder} can't be read: ${messageOf(error)}`,
    );
  }
}
