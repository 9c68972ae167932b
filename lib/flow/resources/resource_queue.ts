/** The line of actions that wait for resources. */

import { FlowError } from "../errors.ts";
import type { Assignment, ResourcePool, ResourceRequest } from "./resources.ts";

interface Waiter {
  request: ResourceRequest;
  passed: number;
  give(assignment: Assignment): void;
}

/** A small request may overtake a large one this often; then it waits, so that the large one is not put off for ever. */
const MOST_OVERTAKINGS = 16;
/** So far from the head of the line a small request is looked for: the line may be thousands long. */
const LOOK_AHEAD = 64;

/** Requests for resources that wait until the pool can meet them. */
export class ResourceQueue {
  readonly #waiting: Waiter[] = [];

  constructor(readonly pool: ResourcePool) {}

  /** Resolves once `request` is assigned: first come, first served, except for small requests that fit beside. */
  acquire(request: ResourceRequest): Promise<Assignment> {
    const missing = this.pool.missing(request);
    if (missing) throw new FlowError("resources-missing", `asks for ${missing}: nothing here can run it`);
    return new Promise((give) => {
      this.#waiting.push({ request, passed: 0, give });
      this.#serve();
    });
  }

  /** As `acquire`, but leaves the line when `signal` is aborted, and then resolves to undefined. */
  acquireUntil(signal: AbortSignal, request: ResourceRequest): Promise<Assignment | undefined> {
    return new Promise((give) => {
      const waiter: Waiter = { request, passed: 0, give };
      this.#waiting.push(waiter);
      this.#serve();
      const leave = () => {
        const at = this.#waiting.indexOf(waiter);
        if (at < 0) return;
        this.#waiting.splice(at, 1);
        give(undefined);
        this.#serve();
      };
      if (signal.aborted) leave();
      else signal.addEventListener("abort", leave, { once: true });
    });
  }

  release(assignment: Assignment): void {
    this.pool.release(assignment);
    this.#serve();
  }

  #serve(): void {
    for (let i = 0; i < Math.min(this.#waiting.length, LOOK_AHEAD);) {
      const assignment = this.pool.assign(this.#waiting[i].request);
      if (assignment) {
        const [waiter] = this.#waiting.splice(i, 1);
        for (let j = 0; j < i; j++) this.#waiting[j].passed++;
        waiter.give(assignment);
      } else if (this.#waiting[i].passed >= MOST_OVERTAKINGS) {
        return;
      } else {
        i++;
      }
    }
  }
}
