/** Signals to all processes of an action at once: each is started as the leader of a group. */

/** Sends a signal to the group of `pid`; one that is gone is no error. Windows has no groups: there it goes to `pid`. */
export function signalGroup(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(Deno.build.os === "windows" ? pid : -pid, signal);
  } catch {
    // The group is gone.
  }
}
