/** Small files that may be missing. */

import { isMissing } from "../../system/is_there.ts";
import { retryStale } from "../../system/stale.ts";
import { isNotPlain, isPlain, readPlainText } from "./plain_file.ts";

/** The text of a file of the store; nothing where it is missing, or no regular file. @throws what the system refuses */
export function readOrEmpty(path: string): string {
  try {
    return readPlainText(path);
  } catch (error) {
    if (isMissing(error) || isNotPlain(error)) return "";
    throw error;
  }
}

/** As `readIfThere`; undefined also for what is no regular file. */
export function readHint(path: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return readIfThere(path);
  } catch (error) {
    if (isNotPlain(error)) return undefined;
    throw error;
  }
}

/** The text of a user's file, which may be a link or a pipe; nothing where it is missing. @throws what the system refuses */
export function readUsersOrEmpty(path: string): string {
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

/** The bytes of a file of the store; undefined where it is missing, also where it was removed a moment ago. @throws what
 * the system refuses, and for what is no regular file */
export function readIfThere(path: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    // An error would take three times as long as the answer, and most records that are looked for are missing.
    return retryStale(() => isPlain(path) ? Deno.readFileSync(path) : undefined);
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
