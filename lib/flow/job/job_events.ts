/** Following the events file of a kind's process. */

import type { JobEvent } from "./kind_job.ts";

const CHUNK_BYTES = 1 << 20;

/** Returns a function that passes on the text appended to `file` since its last call. */
export function readEvents(file: string, onEvent: (event: JobEvent) => void): () => void {
  const chunk = new Uint8Array(CHUNK_BYTES);
  const decoder = new TextDecoder();
  let offset = 0;
  let rest = "";
  return () => {
    if (Deno.statSync(file).size <= offset) return;
    using handle = Deno.openSync(file);
    handle.seekSync(offset, Deno.SeekMode.Start);
    for (let read = handle.readSync(chunk); read !== null; read = handle.readSync(chunk)) {
      offset += read;
      const lines = (rest + decoder.decode(chunk.subarray(0, read), { stream: true })).split("\n");
      rest = lines.pop()!;
      for (const line of lines) {
        const event = parseEvent(line);
        if (event) onEvent(event);
      }
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
