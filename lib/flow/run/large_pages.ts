/** The environment of a process that has less memory than it would use. */

import type { Estimate } from "../demand.ts";
import type { Assignment } from "../resources/resources.ts";

/**
 * Such a process gives memory back at once and asks for it again, as a training that computes values again does. In large
 * pages that takes less time, and values from 4 MB on are no part of the heap, where what is freed between others stays
 * (bench/memory.ts). A process with enough memory keeps what it frees, and gains nothing. Of glibc alone.
 */
const LARGE_PAGES = { GLIBC_TUNABLES: "glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=4194304" };

/** @param estimate what the task would use, where that is known */
export function pagesEnvironment(
  { memoryMB }: Pick<Assignment, "memoryMB">,
  estimate: Pick<Estimate, "memoryMB"> | undefined,
): Record<string, string> {
  return estimate?.memoryMB !== undefined && memoryMB < estimate.memoryMB ? LARGE_PAGES : {};
}
