/** Following the events file of a kind's process. */

import { AppendedLines } from "../store/appended_lines.ts";
import { isNotPlain } from "../store/plain_file.ts";
import { EventOrder } from "./event_order.ts";
import type { JobEvent, JobMode } from "./kind_job.ts";

/** The events in a file, each passed on once; several processes may have written it, one after another. */
export class JobEvents {
  readonly #lines: AppendedLines;
  readonly #order: EventOrder;
  readonly #onEvent: (event: JobEvent) => void;
  /** Since the last process that has done its work. */
  #events = 0;
  /** Another number of events is there than was reported, or one that was not. */
  #isSpoilt = false;
  #hasOtherLines = false;
  #isDone = false;

  constructor(readonly file: string, mode: JobMode, onEvent: (event: JobEvent) => void) {
    this.#lines = new AppendedLines(file);
    this.#order = new EventOrder(mode);
    this.#onEvent = onEvent;
  }

  /** Passes on the events appended since the last call. */
  read(): void {
    for (const line of this.#newLines()) {
      const event = parsed(line);
      if (event === undefined) {
        this.#hasOtherLines ||= line !== "";
      } else if (!this.#order.takes(event)) this.#isSpoilt = true;
      else {
        this.#count(event);
        this.#onEvent(event);
      }
    }
  }

  /** Whether the last process has done its work. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** Why the file has not what was reported; undefined where it has. Lines of others that harmed nothing are passed over. */
  get problem(): string | undefined {
    const isHarmed = !this.#isDone && (this.#hasOtherLines || this.#lines.hasPart);
    return this.#isSpoilt || this.#lines.wasCut || isHarmed ? reportsLost(this.file) : undefined;
  }

  #newLines(): string[] {
    try {
      return this.#lines.read();
    } catch (error) {
      if (!isNotPlain(error)) throw error;
      this.#isSpoilt = true;
      return [];
    }
  }

  #count(event: JobEvent): void {
    this.#isDone = event.event === "end";
    if (event.event === "end") {
      this.#isSpoilt ||= event.reported !== this.#events;
      this.#events = 0;
    } else this.#events++;
  }
}

/** A failure to report, in words. */
export function reportsLost(file: string): string {
  return `what its process reported is not whole in ${file}: most often no space is left on that disk, or a quota ` +
    "is used up; or the code of the kind has written to that file, which it must leave alone";
}

/** A line that is no event was written by something else in the process; it is left out. */
function parsed(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const event = JSON.parse(line);
    return typeof event?.event === "string" ? event : undefined;
  } catch {
    return undefined;
  }
}
