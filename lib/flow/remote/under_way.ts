/** Requests that are under way: those that are too slow are cut. */

import { CacheError, type CacheLimits } from "./server.ts";

/** A request that has no whole answer yet. */
export interface Pending {
  readonly path: string;
  /** As `performance.now()` tells it. */
  readonly began: number;
  /** The bytes that came or were sent. */
  readonly moved: number;
  /** Ends it; what waits for it is told `reason`. */
  cut(reason: CacheError): void;
}

/** Of one cache. They have one timer: one for each request would take longer than the rest of it. */
export class UnderWay {
  readonly #pending = new Set<Pending>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly limits: Pick<CacheLimits, "patienceMs" | "slowest">) {}

  add(request: Pending): void {
    this.#pending.add(request);
    // Whenever a request begins, it is looked at before it may be too slow.
    this.#timer ??= setTimeout(this.#look, this.limits.patienceMs);
  }

  remove(request: Pending): void {
    this.#pending.delete(request);
    if (this.#pending.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  cutAll(reason: CacheError): void {
    for (const request of [...this.#pending]) request.cut(reason);
  }

  readonly #look = () => {
    const { patienceMs, slowest } = this.limits;
    const now = performance.now();
    let next = patienceMs;
    this.#timer = undefined;
    for (const request of [...this.#pending]) {
      const left = request.began + patienceMs + request.moved / slowest - now;
      if (left > 0) next = Math.min(next, left);
      else request.cut(new CacheError(`${request.path} comes too slowly`));
    }
    if (this.#pending.size > 0) this.#timer ??= setTimeout(this.#look, next);
  };
}
