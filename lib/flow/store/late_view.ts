/** A network file system shows for a while what was there before: what another machine has just written is missing. */

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

/** What `look` finds of something that is known to be there; undefined where it does not come into sight for seconds. */
export function seenLate<T>(look: () => T | undefined): T | undefined {
  for (let waited = 0;; waited += MOMENT_MS) {
    const found = look();
    if (found !== undefined || waited >= LATEST_MS) return found;
    waitMoment();
  }
}
