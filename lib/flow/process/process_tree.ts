/** A running process and its descendants, from /proc (Linux; empty elsewhere). */

import { readProcess } from "../store/small_files.ts";
import { readFolder } from "../../system/read_folder.ts";

const PAGE_BYTES = 4096;
const linux = Deno.build.os === "linux";

/** Resident memory of `pid` and of all its descendants at this instant, in bytes; 0 when unknown. */
export function residentBytes(pid: number): number {
  if (!linux) return 0;
  const pages = Number(readProcess(`/proc/${pid}/statm`).split(" ")[1] ?? 0);
  return childrenOf(pid).reduce((sum, child) => sum + residentBytes(child), pages * PAGE_BYTES);
}

/** A child is listed with the thread that started it. */
function childrenOf(pid: number): number[] {
  try {
    const threads = readFolder(`/proc/${pid}/task`);
    return threads.flatMap(({ name }) =>
      readProcess(`/proc/${pid}/task/${name}/children`).split(" ").filter(Boolean).map(Number)
    );
  } catch {
    return []; // The process is gone.
  }
}

/** Largest resident memory that this process has had, in bytes; 0 when unknown. */
export function ownPeakBytes(): number {
  return linux ? Number(/VmHWM:\s+(\d+)/.exec(readProcess("/proc/self/status"))?.[1] ?? 0) * 1024 : 0;
}

/** How often the kernel has killed a process for want of memory since it started. */
export function outOfMemoryKills(): number {
  return linux ? Number(/^oom_kill (\d+)/m.exec(readProcess("/proc/vmstat"))?.[1] ?? 0) : 0;
}
