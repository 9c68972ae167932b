/** Whether a process whose job was ended by the cluster is tried again, and with what. */

import type { JobEnd } from "../process/process.ts";
import type { Assignment } from "../resources/resources.ts";

/** So often each end is followed by another try. What is not named would come to the same end. */
const MOST_TRIES: Partial<Record<JobEnd, number>> = {
  preempted: 20,
  requeued: 20,
  "node-failed": 3,
  lost: 3,
  "out-of-memory": 1,
};

/** The tries of one action, or of one batch of items. */
export class SecondTries {
  readonly #ends = new Map<JobEnd, number>();

  constructor(public assignment: Assignment) {}

  /** Counts an end. After one for want of memory the next try gets twice as much, where a limit was known. */
  isWorthwhile(end: JobEnd): boolean {
    const count = (this.#ends.get(end) ?? 0) + 1;
    this.#ends.set(end, count);
    if (count > (MOST_TRIES[end] ?? 0)) return false;
    if (end === "out-of-memory") {
      this.assignment = { ...this.assignment, memoryMB: 2 * this.assignment.memoryMB };
    }
    return true;
  }
}
