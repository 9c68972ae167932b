/** How much CPU time a process has used, from /proc (Linux). */

/** Of the times in /proc, on every architecture. */
const TICKS_PER_SECOND = 100;

/** User and system time of `pid` in seconds; undefined when unknown: on another system, or when it has ended. */
export function cpuSeconds(pid: number): number | undefined {
  let stat: string;
  try {
    stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  } catch {
    return undefined;
  }
  // Behind the name in parentheses user and system time are the 12th and 13th field.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
