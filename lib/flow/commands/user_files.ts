/** What a command writes for the user: all of it is on its disk, or an error says why it is not. */

import { dirname } from "node:path";
import { FlowError } from "../errors.ts";
import { messageOf, refusalOf } from "../failure.ts";
import { flushedBelow } from "../store/late_refusals.ts";
import { makeFolder } from "../store/layout.ts";
import { writeWhole } from "../store/plain_file.ts";

/** Writes a file, in a folder that may be missing yet. @throws FlowError store-io */
export function writeUserFile(path: string, text: string, options?: Deno.WriteFileOptions): void {
  orSayWhy(path, () => {
    makeFolder(dirname(path));
    writeWhole(path, text, options);
  });
}

/** Has `write` write files below a folder. @throws FlowError store-io */
export function writeUserFolder(folder: string, write: () => void): void {
  orSayWhy(folder, () => {
    write();
    flushedBelow(folder);
  });
}

function orSayWhy(path: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    if (refusalOf(error) === undefined) throw error;
    throw new FlowError("store-io", `could not write ${path}: ${messageOf(error)}`, { cause: error });
  }
}
