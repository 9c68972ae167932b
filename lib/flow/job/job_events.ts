/** Following the events file of a kind's process. */

import type { JobEvent } from "./kind_job.ts";

/** Gives a function that passes on what has been appended to `file` since it was last called. */
export function readEvents(file: string, onEvent: (event: JobEvent) => void): () => void {
  let offset = 0;
  return () => {
    const size = Deno.statSync(file).size;
    if (size <= offset) return;
    const bytes = new Uint8Array(size - offset);
    const handle = Deno.openSync(file);
    handle.seekSync(offset, Deno.SeekMode.Start);
    const read = handle.readSync(bytes) ?? 0;
    handle.close();
    const whole = bytes.subarray(0, read).lastIndexOf(10) + 1;
    offset += whole;
    for (const line of new TextDecoder().decode(bytes.subarray(0, whole)).split("\n")) {
      const event = parseEvent(line);
      if (event) onEvent(event);
    }
  };
}

/** A line that is no event was written by something else in the process; it is left out. */
function parseEvent(line: string): JobEvent | undefined {
  try {
    const event = JSON.parse(line);
    return typeof event?.event === "string" ? event as JobEvent : undefined;
  } catch {
    return undefined;
  }
}
