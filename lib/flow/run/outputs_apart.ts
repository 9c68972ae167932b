/** Outputs of a work folder that a later run may take up: they are kept from links beside it, and stay in it until it is removed. */

import { readFolder } from "../../system/read_folder.ts";
import { makeFolder, removeAll } from "../store/layout.ts";

/**
 * Links to all files of the output folder `out`, in a folder of their own. Keeping outputs moves them: a run that is killed
 * then would leave a result without outputs, and the action would fail or run twice.
 *
 * @returns that folder; `out` itself where a name can't be linked, which the store refuses by name
 */
export function outputsApart(out: string): string {
  const apart = `${out}.kept`;
  removeAll(apart);
  try {
    linkAll(out, apart);
    return apart;
  } catch {
    return out;
  }
}

function linkAll(from: string, to: string): void {
  makeFolder(to);
  for (const { name, isDirectory } of readFolder(from)) {
    if (isDirectory) linkAll(`${from}/${name}`, `${to}/${name}`);
    else Deno.linkSync(`${from}/${name}`, `${to}/${name}`);
  }
}
