/** What Slurm said last of all jobs of this user. It is asked once for all of them, and not more often than at an interval. */

import type { JobElement } from "./allocations.ts";
import { type QueuedJob, squeue } from "./commands.ts";

const FIRST_INTERVAL_MS = 2000;
const LONGEST_INTERVAL_MS = 10_000;
/** While nothing changes it is asked less and less often. */
const GROWTH = 1.2;

/** The last answer, and when the next one is due. */
export class Queue {
  #byJob = new Map<string, QueuedJob>();
  #byName = new Map<string, QueuedJob>();
  #intervalMs = FIRST_INTERVAL_MS;
  #lastAsked = -Infinity;
  #states = "";
  /** When it was asked for the last answer, in milliseconds since 1970. */
  askedAt = 0;
  /** Why the last question was not answered. */
  problem: string | undefined;

  get isDue(): boolean {
    return performance.now() - this.#lastAsked >= this.#intervalMs;
  }

  /** Something was submitted or cancelled: changes are to be expected. */
  expectChanges(): void {
    this.#intervalMs = FIRST_INTERVAL_MS;
  }

  async ask(): Promise<void> {
    this.#lastAsked = performance.now();
    const askedAt = Date.now();
    const answer = await squeue();
    this.problem = typeof answer === "string" ? answer : undefined;
    if (typeof answer === "string") return;
    this.askedAt = askedAt;
    this.#byJob = new Map(answer.map((one) => [`${one.job} ${one.element}`, one]));
    this.#byName = new Map(answer.map((one) => [`${one.name} ${one.element}`, one]));
    const states = answer.map(({ state }) => state).join();
    this.#intervalMs = states === this.#states
      ? Math.min(this.#intervalMs * GROWTH, LONGEST_INTERVAL_MS)
      : FIRST_INTERVAL_MS;
    this.#states = states;
  }

  /** The element as Slurm shows it; undefined where it does not. */
  find({ allocation, index }: JobElement): QueuedJob | undefined {
    return allocation.job === undefined
      ? this.#byName.get(`${allocation.name} ${index}`)
      : this.#byJob.get(`${allocation.job} ${index}`);
  }
}
