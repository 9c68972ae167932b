/** Which events a kind's process reports, and in which order: what is otherwise was written by somebody else. */

import { itemsProblem } from "./item_shape.ts";
import type { JobEvent, JobMode } from "./kind_job.ts";
import { progressProblem } from "./progress_shape.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Takes the events of a process one after another; of a segment of a chain, of several processes. */
export class EventOrder {
  readonly #mode: JobMode["do"];
  readonly #items: number;
  /** The item that is running, or the next one. */
  #position = 0;
  #isRunning = false;
  #isListed = false;

  constructor(mode: JobMode) {
    this.#mode = mode.do;
    this.#items = mode.do === "items" ? mode.items.length : 0;
  }

  /** Whether the process can have reported this now. */
  takes(event: Fields): event is JobEvent {
    switch (event.event) {
      case "progress":
        return progressProblem(event.progress) === undefined;
      case "thrown":
        return typeof event.message === "string" && isTextOrAbsent(event.name);
      case "items":
        return this.#mode === "list" && !this.#isListed &&
          (this.#isListed = itemsProblem(event.items) === undefined);
      case "item":
        return event.position === this.#position && this.#position < this.#items && this.#takesItem(event);
      case "end":
        return isCount(event.reported) && this.#isThrough();
      default:
        return false;
    }
  }

  #takesItem({ started, ms, error }: Fields): boolean {
    if (started === true) return !this.#isRunning && (this.#isRunning = true);
    if (!this.#isRunning || !isDuration(ms) || !isTextOrAbsent(error)) return false;
    this.#isRunning = false;
    this.#position++;
    return true;
  }

  #isThrough(): boolean {
    return !this.#isRunning && this.#position === this.#items && this.#isListed === (this.#mode === "list");
  }
}

const isTextOrAbsent = (value: unknown) => value === undefined || typeof value === "string";
const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
/** In milliseconds: none is longer than a year. */
const isDuration = (value: unknown) => typeof value === "number" && value >= 0 && value < 366 * 86_400_000;
