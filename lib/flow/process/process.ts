/** One child process under watch: its log bounded, its time limited, its whole tree ended with it. */

import { constants } from "node:os";
import { signalGroup } from "./process_group.ts";
import { outOfMemoryKills, residentBytes } from "./process_tree.ts";
import { boundLog } from "./log_bound.ts";
import type { Child, SpawnOptions, StartChild } from "./child.ts";
import { spawn } from "./spawn.ts";
import type { Watchdog } from "./watchdog.ts";

/** How a child is started, watched and ended. */
export interface ProcessOptions extends SpawnOptions {
  timeLimitMs?: number;
  /** The log is cut to its last part when it grows beyond this. */
  logLimitBytes?: number;
  /** Ends the process tree; its outputs must not be used. */
  signal?: AbortSignal;
  /** Starts it with another view of the file system than this process has. */
  start?: StartChild;
  /** Ends the process tree when this process is killed. */
  watchdog?: Watchdog;
  /** Called at every look at the process. */
  onWatch?: () => void;
}

/** Why a process has ended. */
export type ExitReason =
  | { kind: "ok" }
  | { kind: "exit"; code: number }
  /** The code of a kind has thrown; `name` is that of the error. */
  | { kind: "thrown"; message: string; name?: string }
  | { kind: "signal"; signal: string }
  | { kind: "out-of-memory" }
  | { kind: "time-limit"; limitMs: number }
  | { kind: "interrupted" }
  /** A process of ours that it needs has ended, or what it has reported is not there. */
  | { kind: "lost"; message: string }
  | { kind: "not-started"; message: string }
  /** The cluster has ended the job that it was in. */
  | { kind: "job"; how: JobEnd; message: string };

/** Why a cluster ends a job. Cancelled: by somebody's hand. Lost: nothing is known of it, and it left no result. */
export type JobEnd =
  | "preempted"
  | "requeued"
  | "node-failed"
  | "out-of-memory"
  | "time-limit"
  | "cancelled"
  | "failed"
  | "lost"
  | "refused";

/** How a process ended, and the resources it used; times in milliseconds. */
export interface ProcessResult {
  reason: ExitReason;
  ms: number;
  cpuMs: number;
  /** Peak memory in bytes; 0 when the process ended before it could be seen. */
  peakBytes: number;
  /** The machine that it ran on, where that is another one. */
  host?: string;
  /** The ids of its GPUs there. */
  gpus?: readonly string[];
  /** Words to add to a failure, of the machine that it ran on. */
  note?: string;
  /** Of a segment of a chain on a cluster: the step that it has come to, which may be before its end. */
  reached?: number;
}

/** Time between SIGTERM and SIGKILL. */
const GRACE_MS = 3000;
const FIRST_WATCH_MS = 10;
const LONGEST_WATCH_MS = 500;
const LOG_LIMIT_BYTES = 64 * 2 ** 20;
let oomKillsSeen: number | undefined;

const ENDED_ITSELF =
  "its process ended, with exit code 0, before its work was done: the code of a kind ends by returning, " +
  "and never calls Deno.exit or process.exit";

/** One sentence saying how a process ended. */
export function describeExit(reason: ExitReason): string {
  switch (reason.kind) {
    case "ok":
      return "ended well";
    case "exit":
      // Of a program that is good.
      return reason.code === 0 ? ENDED_ITSELF : `exit code ${reason.code}`;
    case "signal":
      return `killed by ${reason.signal}`;
    case "out-of-memory":
      return "killed by the kernel for want of memory: ask for more resources.memoryMB, or run fewer jobs at once";
    case "time-limit":
      return `ended at its time limit of ${reason.limitMs / 1000} s`;
    case "interrupted":
      return "interrupted";
    case "lost":
    case "thrown":
    case "not-started":
    case "job":
      return reason.message;
  }
}

/** Runs a process to its end. Never throws because of the process: the result has the reason. */
export async function runProcess(options: ProcessOptions): Promise<ProcessResult> {
  oomKillsSeen ??= outOfMemoryKills();
  const started = performance.now();
  let child: Child;
  try {
    child = await spawn(options, options.start);
  } catch (error) {
    const reason: ExitReason = { kind: "not-started", message: (error as Error).message };
    return { reason, ms: 0, cpuMs: 0, peakBytes: 0 };
  }
  let ended: ExitReason | undefined;
  let seenBytes = 0;
  let watchTimer: ReturnType<typeof setTimeout> | undefined;
  let killTimer: ReturnType<typeof setTimeout> | undefined;

  const end = (reason: ExitReason) => {
    if (ended) return;
    ended = reason;
    signalGroup(child.pid, "SIGTERM");
    killTimer = setTimeout(() => signalGroup(child.pid, "SIGKILL"), GRACE_MS);
  };
  const watch = (delay: number) => {
    watchTimer = setTimeout(() => {
      try {
        seenBytes = Math.max(seenBytes, residentBytes(child.pid));
        const isLong = boundLog(options.logFile, options.logLimitBytes ?? LOG_LIMIT_BYTES);
        if (isLong) delay = FIRST_WATCH_MS;
        options.onWatch?.();
        options.watchdog?.watch(child.pid);
      } catch {
        // A full disk, or a file that the process has removed: it is looked at again, and at last when it has ended.
      }
      watch(Math.min(delay * 1.5, LONGEST_WATCH_MS));
    }, delay);
  };
  const interrupt = () => end({ kind: "interrupted" });
  const limit = options.timeLimitMs;
  const limitTimer = limit === undefined
    ? undefined
    : setTimeout(() => end({ kind: "time-limit", limitMs: limit }), limit);
  options.signal?.addEventListener("abort", interrupt);
  if (options.signal?.aborted) interrupt();
  watch(FIRST_WATCH_MS);

  const exit = await child.exit;
  clearTimeout(watchTimer);
  clearTimeout(limitTimer);
  clearTimeout(killTimer);
  options.signal?.removeEventListener("abort", interrupt);
  options.watchdog?.release(child.pid);
  boundLog(options.logFile, options.logLimitBytes ?? LOG_LIMIT_BYTES);

  return {
    reason: ended ??
      (exit.lost === undefined ? exitReason(exit.code, exit.signal) : { kind: "lost", message: exit.lost }),
    ms: performance.now() - started,
    cpuMs: exit.cpuMs ?? 0,
    peakBytes: Math.max(exit.peakBytes ?? 0, seenBytes),
  };
}

function exitReason(code: number | null, signal: number | null): ExitReason {
  if (code === 0) return { kind: "ok" };
  if (code !== null) return { kind: "exit", code };
  const kills = signal === constants.signals.SIGKILL ? outOfMemoryKills() : oomKillsSeen!;
  if (kills > oomKillsSeen!) {
    oomKillsSeen = kills;
    return { kind: "out-of-memory" };
  }
  const name = Object.entries(constants.signals).find(([, number]) => number === signal)?.[0];
  return { kind: "signal", signal: name ?? `signal ${signal}` };
}
