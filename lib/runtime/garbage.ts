/** Collecting garbage at once: the results of a program are large, and V8 lets several of them wait for its next collection. */

import v8 from "node:v8";
import vm from "node:vm";

let collect: (() => void) | undefined;

/** Takes some milliseconds: for programs that take seconds and need the memory. */
export function collectGarbage(): void {
  collect ??= collector();
  collect();
}

/** V8 gives its function to contexts that are made after the flag was set. */
function collector(): () => void {
  v8.setFlagsFromString("--expose-gc");
  return vm.runInNewContext("gc");
}
