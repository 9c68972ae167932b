/** Waiting for a signal that another process has sent, or is about to send. */

/**
 * On a machine that is so busy that this process does not run for a while the whole time has passed when it runs again, and
 * a signal that came meanwhile is handled after the timer: there is a turn for it between two parts of the time.
 */
const PARTS = 10;

/** Waits until `told` is aborted by a signal, for so many milliseconds at most; returns whether it is. */
export async function untilTold(told: AbortSignal, ms: number): Promise<boolean> {
  for (let part = 0; part < PARTS && !told.aborted; part++) {
    await new Promise((resolve) => setTimeout(resolve, ms / PARTS));
  }
  return told.aborted;
}
