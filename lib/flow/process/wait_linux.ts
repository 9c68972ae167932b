/** Waits for a child by wait4 of the C library, which alone tells CPU time and peak memory, and ends what it left. */

import { constants } from "node:os";
import type { ChildExit } from "./child.ts";
import { OPAQUE_BYTES, openLibrary } from "../../system/libc.ts";
import { ownPeakBytes } from "./process_tree.ts";
import { type ActionProcesses, killStrays, MOST_ROUNDS } from "./strays.ts";

/** Whoever loses its parent below this process becomes its child (see strays.ts). */
const PR_SET_CHILD_SUBREAPER = 36;
const WNOHANG = 1;

/** The children of this process that are not known to have ended. */
const started = new Set<number>();
let libc: ReturnType<typeof openLibc> | undefined;

function openLibc() {
  const wait4 = {
    parameters: ["i32", "buffer", "i32", "buffer"],
    result: "i32",
    name: "wait4",
  } as const;
  const { symbols } = openLibrary(
    {
      prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" },
      kill: { parameters: ["i32", "i32"], result: "i32" },
      waitOnOtherThread: { ...wait4, nonblocking: true },
      waitOnThisThread: wait4,
    } as const,
  );
  symbols.prctl(PR_SET_CHILD_SUBREAPER, 1n, 0n, 0n, 0n);
  return symbols;
}

/** Makes this process the parent of its orphaned descendants: to be called before a child is started. */
export function adoptOrphans(): void {
  libc ??= openLibc();
}

/**
 * Waits for a child of this process, the leader of `action`. Its descendants have ended then: they must not outlive it, since they could
 * still write into the folder that is published.
 */
export async function waitForTree(action: ActionProcesses): Promise<ChildExit> {
  const pid = action.leader;
  started.add(pid);
  const result = resultOfWait();
  const reaped = await libc!.waitOnOtherThread(pid, result.status, 0, result.usage);
  started.delete(pid);
  if (reaped !== pid) throw new Error(`wait4 lost track of process ${pid}`);
  const exit = exitOf(pid, result);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const strays = killStrays(action, started);
    if (strays.length === 0) break;
    // One that is no child any more is no error.
    await Promise.all(strays.map((stray) => libc!.waitOnOtherThread(stray, null, 0, null)));
  }
  return exit;
}

/** How the child `pid` of this process ended, which it has; undefined if it is no child of this process. */
export function reap(pid: number): ChildExit | undefined {
  const result = resultOfWait();
  const reaped = libc!.waitOnThisThread(pid, result.status, WNOHANG, result.usage);
  return reaped === pid ? exitOf(pid, result) : undefined;
}

/** What wait4 fills in: the status, and struct rusage. */
interface WaitResult {
  readonly status: Uint8Array<ArrayBuffer>;
  readonly usage: Uint8Array<ArrayBuffer>;
}

function resultOfWait(): WaitResult {
  return { status: new Uint8Array(4), usage: new Uint8Array(OPAQUE_BYTES) };
}

/** Ends what is left of the group of `pid`, too. */
function exitOf(pid: number, result: WaitResult): ChildExit {
  // Most often nobody is left, of which Deno.kill would make an error with a stack.
  libc!.kill(-pid, constants.signals.SIGKILL);
  const [status] = new Int32Array(result.status.buffer);
  const usage = new BigInt64Array(result.usage.buffer);
  const signal = status & 0x7f;
  // struct rusage: ru_utime {s, µs}, ru_stime {s, µs}, ru_maxrss in KiB.
  const cpuMs = Number(usage[0] + usage[2]) * 1000 + Number(usage[1] + usage[3]) / 1000;
  const peakBytes = Number(usage[4]) * 1024;
  return {
    code: signal === 0 ? (status >> 8) & 0xff : null,
    signal: signal === 0 ? null : signal,
    cpuMs,
    // Before exec, the kernel counts the parent's memory for the child, so a figure below that says nothing.
    ...(isAboveOwn(peakBytes) ? { peakBytes } : {}),
  };
}

/** It only grows. */
let ownPeak = 0;

function isAboveOwn(bytes: number): boolean {
  if (bytes > ownPeak) ownPeak = ownPeakBytes();
  return bytes > ownPeak;
}
