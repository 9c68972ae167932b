/** Waits for a child by wait4 of the C library, which alone tells CPU time and peak memory, and ends what it left. */

import { constants } from "node:os";
import type { ChildExit } from "./child.ts";
import { OPAQUE_BYTES, openLibrary } from "../../system/libc.ts";
import { ownPeakBytes } from "./process_tree.ts";
import { endStrays } from "./strays.ts";

/** Whoever loses its parent below this process becomes its child (see strays.ts). */
const PR_SET_CHILD_SUBREAPER = 36;

/** The children of this process that are not known to have ended. */
const started = new Set<number>();
let libc: ReturnType<typeof openLibc> | undefined;

function openLibc() {
  const { symbols } = openLibrary(
    {
      prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" },
      kill: { parameters: ["i32", "i32"], result: "i32" },
      wait4: { parameters: ["i32", "buffer", "i32", "buffer"], result: "i32", nonblocking: true },
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
 * Waits for the child `pid` of this process. Its descendants have ended then: they must not outlive it, since they could
 * still write into the folder that is published.
 */
export async function waitForTree(pid: number, mark: Record<string, string>): Promise<ChildExit> {
  started.add(pid);
  const status = new Int32Array(1);
  const usage = new BigInt64Array(OPAQUE_BYTES / 8);
  const reaped = await libc!.wait4(pid, new Uint8Array(status.buffer), 0, new Uint8Array(usage.buffer));
  started.delete(pid);
  if (reaped !== pid) throw new Error(`wait4 lost track of process ${pid}`);
  // Most often nobody is left, of which Deno.kill would make an error with a stack.
  libc!.kill(-pid, constants.signals.SIGKILL);
  await endStrays(pid, mark, started, reap);
  const signal = status[0] & 0x7f;
  // struct rusage: ru_utime {s, µs}, ru_stime {s, µs}, ru_maxrss in KiB.
  const cpuMs = Number(usage[0] + usage[2]) * 1000 + Number(usage[1] + usage[3]) / 1000;
  const peakBytes = Number(usage[4]) * 1024;
  return {
    code: signal === 0 ? (status[0] >> 8) & 0xff : null,
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

/** Waits for a process that was adopted; one that is no child any more is no error. */
async function reap(pid: number): Promise<void> {
  await libc!.wait4(pid, null, 0, null);
}
