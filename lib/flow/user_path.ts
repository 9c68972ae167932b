/** Paths as a user writes them on the command line. */

import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** The absolute path of one that a user gave; a shell leaves the `~` of `--store=~/x` as it is. */
export function userPath(given: string): string {
  return /^~(\/|$)/.test(given) ? join(homedir(), given.slice(1)) : resolve(given);
}
