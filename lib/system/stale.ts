/** Files of a network file system that another machine has replaced or removed: what has them open is told so (ESTALE). */

import { codeOf } from "./error_code.ts";

/** Whoever asks by the path finds what is there now; a file that is replaced again and again is given up. */
const MOST_TRIES = 5;

/** Does the error say that what was opened, or what a path led to, is lost? */
export function isStale(error: unknown): boolean {
  return codeOf(error) === "ESTALE";
}

/** Does `work`, which begins with a path, and once more where what the path led to is another file by now. */
export function retryStale<T>(work: () => T): T {
  for (let attempt = 1;; attempt++) {
    try {
      return work();
    } catch (error) {
      if (!isStale(error) || attempt === MOST_TRIES) throw error;
    }
  }
}
