/** The answer of a cache to a request over HTTP, as it comes. */

import { Buffer } from "node:buffer";
import type { Dispatcher } from "undici";
import { CacheError } from "./server.ts";
import type { Pending } from "./under_way.ts";

/** What an answer without a file may say in its body. */
const MOST_WORDS_BYTES = 64 << 10;

/** A whole answer. */
export interface Answered {
  readonly status: number;
  /** Those of a file that was asked for and is there. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

interface AnswerOptions {
  readonly path: string;
  /** Of a file that is asked for; whatever length is stated, no more bytes are taken. */
  readonly atMost?: number;
  /** The bytes that are sent. */
  readonly sent?: number;
  /** Called once, when it is whole or has failed. */
  readonly end: (answered: Answered | undefined, error?: unknown) => void;
}

export class CacheAnswer implements Dispatcher.DispatchHandler, Pending {
  readonly began = performance.now();
  moved: number;
  /** Zero until it begins. */
  status = 0;
  #bytes = new Uint8Array();
  #length = 0;
  #controller: Dispatcher.DispatchController | undefined;
  #error: unknown;
  #isEnded = false;

  constructor(readonly options: AnswerOptions) {
    this.moved = options.sent ?? 0;
  }

  get path(): string {
    return this.options.path;
  }

  cut(reason: CacheError): void {
    this.#end(undefined, reason);
    this.#controller?.abort(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isEnded) controller.abort(this.#error as Error);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) return; // Another one follows.
    this.status = status;
    const stated = Number(headers["content-length"] ?? NaN);
    if (!this.#isFile) return;
    if (stated > this.#most) return this.cut(this.#tooLong(stated));
    // Memory of its own, since it may be given to another thread.
    if (stated >= 0) this.#bytes = Buffer.allocUnsafeSlow(stated);
  }

  onResponseData(_controller: Dispatcher.DispatchController, part: Uint8Array): void {
    const end = this.#length + part.length;
    if (end > this.#most) return this.cut(this.#tooLong(end));
    if (this.#isFile) {
      if (end > this.#bytes.length) {
        this.#bytes = lengthened(this.#bytes, Math.min(Math.max(end, 2 * this.#length), this.#most));
      }
      this.#bytes.set(part, this.#length);
    }
    this.#length = end;
    this.moved += part.length;
  }

  onResponseEnd(): void {
    const bytes = this.#length === this.#bytes.length ? this.#bytes : this.#bytes.slice(0, this.#length);
    this.#end({ status: this.status, bytes });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#end(undefined, error);
  }

  get #isFile(): boolean {
    return this.status === 200 && this.options.atMost !== undefined;
  }

  get #most(): number {
    return this.#isFile ? this.options.atMost! : MOST_WORDS_BYTES;
  }

  #tooLong(bytes: number): CacheError {
    return new CacheError(`${this.path} has ${bytes} bytes or more; expected at most ${this.#most}`);
  }

  #end(answered: Answered | undefined, error?: unknown): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#error = error;
    this.options.end(answered, error);
  }
}

function lengthened(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const longer = new Uint8Array(length);
  longer.set(bytes);
  return longer;
}
