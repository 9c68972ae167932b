/** Asks the user who interrupts a run what is to become of its jobs on a cluster. */

import { note } from "../display/terminal.ts";
import { LEAVE, type LeaveOrCancel } from "../executor/executor.ts";

/** Where nobody can be asked, jobs are left: that loses nothing. A second interruption leaves them too. */
export async function askLeaveOrCancel(): Promise<LeaveOrCancel> {
  if (!Deno.stdin.isTerminal()) {
    note("jobs are left to Slurm: the same command takes them up, `deno task cancel` cancels them");
    return LEAVE;
  }
  note("jobs are running: leave them (l, the same command takes them up) or cancel them (c)? [l] ");
  const again = Promise.withResolvers<null>();
  const leave = () => again.resolve(null);
  Deno.addSignalListener("SIGINT", leave);
  try {
    const bytes = new Uint8Array(64);
    const read = await Promise.race([Deno.stdin.read(bytes), again.promise]);
    const answer = new TextDecoder().decode(bytes.subarray(0, read ?? 0)).trim().toLowerCase();
    return answer.startsWith("c") ? "cancel" : LEAVE;
  } finally {
    Deno.removeSignalListener("SIGINT", leave);
  }
}
