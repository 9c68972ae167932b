/** The environment of a process that has less memory than it would use. */

import { readFileSync } from "node:fs";
import type { Estimate } from "../demand.ts";
import type { Assignment } from "../resources/resources.ts";

/**
 * How glibc is to take memory from the system. Such a process gives memory back at once and asks for it again, as a
 * training that computes values again does. Values of some size are no part of the heap, where what is freed between others
 * stays. They are put into large pages, which are given in less time: those that the system makes, or those that the
 * administrator has reserved, in which the heap lies too and is never made smaller, so that fewer values belong there. A
 * process with enough memory keeps what it frees, and gains nothing. `bench/memory.ts` compares.
 */
const MADE = "glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=4194304";
const RESERVED = "glibc.malloc.hugetlb=2:glibc.malloc.mmap_threshold=1048576";

/** Each value fills whole pages. */
const PAGES_FOR_VALUES = 1.25;

/**
 * @param estimate what the task would use, where that is known
 * @param freePagesMB memory of the reserved pages that are free; asked of the system by default
 */
export function pagesEnvironment(
  { memoryMB }: Pick<Assignment, "memoryMB">,
  estimate: Pick<Estimate, "memoryMB"> | undefined,
  freePagesMB: () => number = freeReservedMB,
): Record<string, string> {
  if (estimate?.memoryMB === undefined || memoryMB >= estimate.memoryMB) return {};
  return { GLIBC_TUNABLES: freePagesMB() >= PAGES_FOR_VALUES * memoryMB ? RESERVED : MADE };
}

/** MiB of free reserved pages (`vm.nr_hugepages`); 0 where the system has none. */
function freeReservedMB(): number {
  try {
    return reservedMB(readFileSync("/proc/meminfo", "utf8"));
  } catch {
    return 0; // Not Linux.
  }
}

/** @param meminfo the text of Linux's /proc/meminfo */
export function reservedMB(meminfo: string): number {
  const numberOf = (name: string) => Number(meminfo.match(new RegExp(`^${name}:\\s+(\\d+)`, "m"))?.[1] ?? 0);
  return numberOf("HugePages_Free") * numberOf("Hugepagesize") / 1024;
}
