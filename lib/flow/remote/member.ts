/** One cache of those that are asked: its errors are counted, and after a few it is left alone. */

import { CacheError, type CacheLimits, type CacheServer } from "./server.ts";

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
  readonly #left = new AbortController();
  readonly #waiting: (() => void)[] = [];
  /** Entries of `cas/` that it was sent, or is being sent. */
  readonly #has = new Map<string, Promise<boolean>>();
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
    return this.#left.signal.aborted;
  }

  /** Nothing more is asked of it, and what is under way is cut. */
  leave(): void {
    this.#left.abort(new CacheError("it was left alone"));
    for (const resume of this.#waiting.splice(0)) resume();
  }

  /**
   * The bytes under a path, once `use` has taken them; undefined where there are none, and where anything went wrong.
   *
   * @param use rejects with CacheError what is not as expected
   */
  async fetch<T>(
    path: string,
    atMost: number,
    use: (bytes: Uint8Array<ArrayBuffer>) => T | Promise<T>,
  ): Promise<T | undefined> {
    return await this.#ask(async (server, signal) => {
      const bytes = await server.get(path, atMost, signal);
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
    const sent = await this.#ask(async (server, signal) => {
      const isContent = path.startsWith("cas/");
      // To send few bytes takes no longer than to ask.
      if (isContent && bytes.length >= ASK_FROM_BYTES && await server.has(path, signal)) return true;
      await server.put(path, bytes, signal);
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
    work: (server: CacheServer, signal: AbortSignal) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    const { server, limits: { requests, mostErrors } } = this.#options;
    if (this.#running >= requests) await new Promise<void>((resume) => this.#waiting.push(resume));
    if (this.isLeft) return undefined;
    this.#running++;
    try {
      return await work(server, this.#left.signal);
    } catch (error) {
      if (!(error instanceof CacheError)) throw error;
      this.note(error.message);
      if (++this.#errors >= mostErrors) this.leave();
      return undefined;
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }
}

const ASK_FROM_BYTES = 1 << 20;
