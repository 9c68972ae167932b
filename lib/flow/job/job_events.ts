/** Following the events file of a kind's process. */

import { AppendedLines } from "../store/appended_lines.ts";
import type { JobEvent } from "./kind_job.ts";

/** The events in a file, each passed on once; several processes may have written it, one after another. */
export class JobEvents {
  readonly #lines: AppendedLines;
  readonly #onEvent: (event: JobEvent) => void;
  /** Since the last process that has done its work. */
  #events = 0;
  #missing = 0;
  #isDone = false;

  constructor(file: string, onEvent: (event: JobEvent) => void) {
    this.#lines = new AppendedLines(file);
    this.#onEvent = onEvent;
  }

  /** Passes on the events appended since the last call. */
  read(): void {
    for (const line of this.#lines.read()) {
      const event = parseEvent(line);
      if (event === undefined) continue;
      this.#count(event);
      this.#onEvent(event);
    }
  }

  /** How many events were reported, and are not in the file. */
  get missing(): number {
    return this.#missing;
  }

  /** Whether the last process has done its work. */
  get isDone(): boolean {
    return this.#isDone;
  }

  #count(event: JobEvent): void {
    this.#isDone = event.event === "end";
    if (event.event === "end") {
      this.#missing += event.reported - this.#events;
      this.#events = 0;
    } else this.#events++;
  }
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
