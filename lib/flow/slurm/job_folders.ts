/** Makes and removes folders in `jobs/` of a store, where other processes do the same. */

import { makeFolder } from "../store/layout.ts";
import { isMissing } from "../../system/is_there.ts";

/** Others remove the folders above the one that is made as long as they are empty. */
const MOST_TRIES = 20;

/** Makes a folder, and those above it. @throws what the system refuses */
export function makeJobFolder(path: string): void {
  for (let tries = 1;; tries++) {
    try {
      return makeFolder(path);
    } catch (error) {
      if (!isMissing(error) || tries === MOST_TRIES) throw error;
    }
  }
}

/** Removes a folder that has nothing in it. */
export function removeEmpty(folder: string): void {
  try {
    Deno.removeSync(folder);
  } catch {
    // There is something in it, or it is gone.
  }
}
