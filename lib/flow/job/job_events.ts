/** Following the events file of a kind's process. */

import { AppendedLines } from "../store/appended_lines.ts";
import type { JobEvent } from "./kind_job.ts";

/** Returns a function that passes on the events appended to `file` since its last call. */
export function readEvents(file: string, onEvent: (event: JobEvent) => void): () => void {
  const appended = new AppendedLines(file);
  return () => {
    for (const line of appended.read()) {
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
