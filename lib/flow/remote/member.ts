/** One cache of those that are asked: its errors are counted, and after a few it is left alone. */

import { Fifo } from "./fifo.ts";
import { CacheError, type CacheLimits, type CacheServer } from "./server.ts";
import type { SpareBytes } from "./spare_bytes.ts";

export interface MemberOptions {
  readonly server: CacheServer;
  /** Whether results are written to it. */
  readonly write: boolean;
  readonly limits: CacheLimits;
  /** Called once, with what is wrong with it. */
  readonly warn: (problem: string) => void;
}

/** What was moved, in bytes and requests that had an answer. */
export interface Traffic {
  fetchedBytes: number;
  sentBytes: number;
}

export class Member {
  readonly traffic: Traffic = { fetchedBytes: 0, sentBytes: 0 };
  readonly #options: MemberOptions;
  readonly #waiting = new Fifo<{ readonly share: number; readonly begin: () => void }>();
  /** Entries of `cas/` that it was sent, or is being sent. */
  readonly #has = new Map<string, Promise<boolean>>();
  #isLeft = false;
  #running = 0;
  #errors = 0;
  #warned = false;

  constructor(options: MemberOptions) {
    this.#options = options;
  }

  get isWritten(): boolean {
    return this.#options.write;
  }

  get isLeft(): boolean {
    return this.#isLeft;
  }

  /** Nothing more is asked of it, and what is under way is cut. */
  leave(): void {
    this.#isLeft = true;
    this.#options.server.leave();
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      this.#running += next.share;
      next.begin();
    }
  }

  /**
   * The bytes under a path, once `use` has taken them; undefined where there are none, and where anything went wrong.
   *
   * @param use rejects with CacheError what is not as expected
   */
  fetch<T>(
    path: string,
    atMost: number,
    use: (bytes: Uint8Array<ArrayBuffer>) => T | Promise<T>,
  ): Promise<T | undefined> {
    return this.#fetch(false, (server) => server.get(path, atMost), use);
  }

  /** As `fetch`, of a file that has exactly `size` bytes; a long one is put into memory of `spare`. */
  fetchFile<T>(
    path: string,
    size: number,
    spare: SpareBytes,
    use: (bytes: Uint8Array<ArrayBuffer>) => T | Promise<T>,
  ): Promise<T | undefined> {
    if (size < LONG_BYTES) return this.fetch(path, size, use);
    return this.#fetch(true, (server) => server.getLong(path, size, spare), use);
  }

  #fetch<T>(
    isLong: boolean,
    get: (server: CacheServer) => Promise<Uint8Array<ArrayBuffer> | undefined>,
    use: (bytes: Uint8Array<ArrayBuffer>) => T | Promise<T>,
  ): Promise<T | undefined> {
    return this.#ask(isLong, async (server) => {
      const bytes = await get(server);
      if (bytes === undefined) return undefined;
      this.traffic.fetchedBytes += bytes.length;
      return await use(bytes);
    });
  }

  /** Sends bytes, unless it has them; returns whether it has them then. */
  send(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
    if (!path.startsWith("cas/")) return this.#send(path, bytes);
    let sent = this.#has.get(path);
    if (sent === undefined) this.#has.set(path, sent = this.#send(path, bytes));
    return sent;
  }

  async #send(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
    const sent = await this.#ask(bytes.length >= LONG_BYTES, async (server) => {
      const isContent = path.startsWith("cas/");
      // To send few bytes takes no longer than to ask.
      if (isContent && bytes.length >= ASK_FROM_BYTES && await server.has(path)) return true;
      await server.put(path, bytes);
      this.traffic.sentBytes += bytes.length;
      return true;
    });
    return sent ?? false;
  }

  /** A problem that is no error of the server, such as an entry that it has dropped. */
  note(problem: string): void {
    if (this.#warned || this.isLeft) return;
    this.#warned = true;
    const { server: { name }, warn, limits: { mostErrors } } = this.#options;
    warn(
      `the cache ${name}: ${problem}; what it does not give is run here, ` +
        `and after ${mostErrors} errors it is left alone`,
    );
  }

  async #ask<T>(
    isLong: boolean,
    work: (server: CacheServer) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    const { server, limits: { requests, mostErrors } } = this.#options;
    const share = isLong ? Math.ceil(requests / MOST_LONG) : 1;
    if (this.#waiting.first === undefined && this.#running + share <= requests) this.#running += share;
    else await this.#turn(share);
    try {
      if (this.isLeft) return undefined;
      return await work(server);
    } catch (error) {
      if (!(error instanceof CacheError)) throw error;
      this.note(error.message);
      if (++this.#errors >= mostErrors) this.leave();
      return undefined;
    } finally {
      this.#running -= share;
      this.#beginNext();
    }
  }

  /** Waits for a share of the requests that may be under way at once. */
  #turn(share: number): Promise<void> {
    return new Promise<void>((begin) => this.#waiting.push({ share, begin }));
  }

  #beginNext(): void {
    const { requests } = this.#options.limits;
    for (
      let next = this.#waiting.first;
      next && this.#running + next.share <= requests;
      next = this.#waiting.first
    ) {
      this.#waiting.shift();
      this.#running += next.share;
      next.begin();
    }
  }
}

/** So many requests with long bytes at once keep two cores busy; more take memory, and are slower by a third. */
const MOST_LONG = 4;
const LONG_BYTES = 1 << 20;
const ASK_FROM_BYTES = 1 << 20;
