/** Gives memory that this process has freed back to the system: glibc keeps what lies between pieces that are in use. */

import { openLibrary } from "./libc.ts";

const INTERVAL_MS = 3000;

/** Does so now and then, at a cost of about a millisecond. @returns a function that ends it */
export function giveBackFreedMemory(): () => void {
  const trim = openTrim();
  if (trim === undefined) return () => {};
  const timer = setInterval(() => trim.symbols.malloc_trim(0n), INTERVAL_MS);
  Deno.unrefTimer(timer as unknown as number);
  return () => {
    clearInterval(timer);
    trim.close();
  };
}

/** Undefined where the C library is not glibc, or can't be loaded: memory is only saved. */
function openTrim() {
  if (Deno.build.os !== "linux") return undefined;
  try {
    return openLibrary({ malloc_trim: { parameters: ["usize"], result: "i32" } });
  } catch {
    return undefined;
  }
}
