/** The environment of a process that has less memory than it would use. */

import type { Estimate } from "../demand.ts";
import type { Assignment } from "../resources/resources.ts";

/**
 * Such a process gives memory back at once and asks for it again, as a training that computes values again does. In large
 * pages that takes a quarter of the time: a step that took 1.9 times as long as with enough memory takes 1.3 times as long
 * (bench/memory.ts). A process with enough memory keeps what it frees, and large pages gain nothing. Of glibc alone.
 */
const LARGE_PAGES = { GLIBC_TUNABLES: "glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=4194304" };

/** @param estimate what the task would use, where that is known */
export function pagesEnvironment(
  { memoryMB }: Pick<Assignment, "memoryMB">,
  estimate: Pick<Estimate, "memoryMB"> | undefined,
): Record<string, string> {
  return estimate?.memoryMB !== undefined && memoryMB < estimate.memoryMB ? LARGE_PAGES : {};
}
