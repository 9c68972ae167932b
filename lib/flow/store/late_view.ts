/** A network file system shows for a while what was there before: what another machine has just written is missing. */
import { dirname } from "node:path";
import { isMissing } from "../../system/is_there.ts";
import { retryStale } from "../../system/stale.ts";
import { StatKey } from "./stat_key.ts";

const MOMENT_MS = 2;
/** Longer than a system goes without a second look at what is missing, where nobody sets it otherwise. */
const LATEST_MS = 5000;

const nobody = new Int32Array(new SharedArrayBuffer(4));

/** Waits in this thread. */
export function waitFor(ms: number): void {
  Atomics.wait(nobody, 0, 0, ms);
}

/** Waits a moment in this thread, before something is looked up again. */
export function waitMoment(): void {
  waitFor(MOMENT_MS);
}

/**
 * The stat key of a file or folder, links followed, as it is now; undefined where nothing is. Whoever opens a folder of a
 * network file system is told of it, and of the names in it, as they are now, and so is whoever opens a file; whoever only looks
 * may be told what was true some seconds ago. What deletes something, or takes somebody for dead, has to rest on this.
 *
 * @throws what the system refuses
 */
export function keyNow(path: string): StatKey | undefined {
  const folder = dirname(path);
  if (!isOpened(folder) && (folder === path || keyNow(folder) === undefined)) return undefined;
  const key = StatKey.of(path);
  // A pipe would be waited for.
  if (key?.isFile || key?.isFolder) isOpened(path);
  return StatKey.of(path);
}

/** False where nothing is. What may not be read is looked at as it is seen. */
function isOpened(path: string): boolean {
  // There no folder can be opened.
  if (Deno.build.os === "windows") return true;
  try {
    retryStale(() => Deno.openSync(path).close());
  } catch (error) {
    if (isMissing(error)) return false;
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
  }
  return true;
}

/** What `look` finds of something that is known to be there; undefined where it does not come into sight for seconds. */
export function seenLate<T>(look: () => T | undefined): T | undefined {
  for (let waited = 0;; waited += MOMENT_MS) {
    const found = look();
    if (found !== undefined || waited >= LATEST_MS) return found;
    waitMoment();
  }
}
