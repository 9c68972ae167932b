/** The peak resident memory of this process, from Linux's /proc. */

/** In MB, since the process began or the last {@link resetPeakMemory}. */
export function peakMemory(): number {
  const line = Deno.readTextFileSync("/proc/self/status").match(/VmHWM:\s+(\d+) kB/);
  return Number(line?.[1]) / 1024;
}

export function resetPeakMemory(): void {
  Deno.writeTextFileSync("/proc/self/clear_refs", "5");
}
