/** Replaces a small file as a whole: a reader, and a run after a kill, sees the old content or the new one. */

import { flushed } from "./late_refusals.ts";

/** The end of the names of files that are not yet in place. */
export const TEMPORARY = ".new";

/**
 * Writes `content` under a temporary name beside `path` and renames it. A failure leaves the old file and no other.
 *
 * @throws what the system refuses
 */
export function replaceFile(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.${crypto.randomUUID().slice(0, 8)}${TEMPORARY}`;
  try {
    if (typeof content === "string") Deno.writeTextFileSync(temporary, content);
    else Deno.writeFileSync(temporary, content);
    flushed(temporary);
    Deno.renameSync(temporary, path);
  } catch (error) {
    try {
      Deno.removeSync(temporary);
    } catch {
      // It was not made, or the disk refuses that too; the first error says why.
    }
    throw error;
  }
}
