/** Small text files that may be missing. */

import { isMissing } from "../../system/is_there.ts";

/** The text of a file; nothing where it is missing. @throws what the system refuses */
export function readOrEmpty(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (isMissing(error)) return "";
    throw error;
  }
}

/**
 * The text of a file of /proc about a process; nothing where it can't be read: the process has ended, if only between
 * opening and reading, or is another user's, and no result depends on it.
 */
export function readProcess(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

/** The bytes of a file; undefined where it is missing, also where it was removed a moment ago. */
export function readIfThere(path: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Whether there is a folder, also at the end of links; false too where the system does not let it be looked at. */
export function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
