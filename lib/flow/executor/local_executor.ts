/** The executor of this machine: processes are its own children, and end with it. */

import { runProcess } from "../process/process.ts";
import type { Watchdog } from "../process/watchdog.ts";
import type { Executor, LeaveOrCancel, Submitted, WorkOrder } from "./executor.ts";

/** @param watchdog ends the processes if this one is killed */
export function localExecutor(watchdog: Watchdog): Executor {
  return {
    overbooking: 1,
    submit: (work) => start(work, watchdog),
    newFolder: () => undefined,
    leftFolder: () => Promise.resolve(undefined),
    forget: () => {},
    isBegun: () => false,
    onInterrupt: () => Promise.resolve<LeaveOrCancel>("cancel"),
    close: () => Promise.resolve(),
  };
}

function start({ process, launcher, mounts, signal, onWatch }: WorkOrder, watchdog: Watchdog): Submitted {
  const cancelled = new AbortController();
  return {
    ended: runProcess({
      ...process,
      start: launcher && ((program, options) => launcher.spawn(program, options, mounts)),
      watchdog,
      signal: AbortSignal.any([signal, cancelled.signal]),
      onWatch,
    }),
    logFile: process.logFile,
    poll: () => undefined,
    cancel: () => cancelled.abort(),
  };
}
