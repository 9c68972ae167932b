/** Words for the failure of an isolated task that may have asked for a file which it is not given. */

import type { Workspace } from "./workspace.ts";

const REFUSALS = /Permission denied|Read-only file system|\bEACCES\b|\bEROFS\b/;
/** Of a log, as much is looked at. */
const TAIL_BYTES = 8192;

/** Words to add to `cause`; nothing where neither it nor the end of the log says that a file was refused. */
export function refusalNote(cause: string, { launcher, logFile }: Workspace): string {
  if (!launcher || !REFUSALS.test(cause + tailOf(logFile))) return "";
  return "; an isolated task reads only its inputs, its programs and the system's folders, and writes only to its " +
    "work folder: make every other file that it reads an input (docs/isolation.md)";
}

function tailOf(path: string): string {
  try {
    using file = Deno.openSync(path);
    const { size } = file.statSync();
    const bytes = new Uint8Array(Math.min(size, TAIL_BYTES));
    file.seekSync(size - bytes.length, Deno.SeekMode.Start);
    return new TextDecoder().decode(bytes.subarray(0, file.readSync(bytes) ?? 0));
  } catch {
    return ""; // Nothing was printed.
  }
}
