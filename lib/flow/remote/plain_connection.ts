/** A connection on which one file after the other is asked for, over HTTP/1.1. */

import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import type { CacheAnswer } from "./cache_answer.ts";
import { plainHead } from "./plain_head.ts";

const LONGEST_HEAD = 16 << 10;
const NOTHING = Buffer.alloc(0);

export interface PlainRequest {
  readonly answer: CacheAnswer;
  /** Called in place of the answer where that is not of the plainest form. */
  readonly giveUp: () => void;
}

export class PlainConnection {
  /** As `performance.now()` tells it. */
  idleSince = 0;
  #request: PlainRequest | undefined;
  /** What came of a head that is not whole yet. */
  #head: Buffer = NOTHING;
  /** Zero until the head is whole. */
  #status = 0;
  /** Bytes of the body that are yet to come. */
  #left = 0;
  #stays = true;

  /**
   * @param socket that is connected
   * @param onIdle called when the next request may be sent
   */
  constructor(readonly socket: Socket, readonly onIdle: (connection: PlainConnection) => void) {
    socket.on("data", (part: Buffer) => this.#take(part));
    // It is closed then.
    socket.on("error", () => {});
    socket.on("close", () => this.#lose());
  }

  get isOpen(): boolean {
    return !this.socket.destroyed && this.socket.readable && this.socket.writable;
  }

  /** Sends the text of a request; the one before has its answer. */
  send(text: string, request: PlainRequest): void {
    this.#request = request;
    this.#status = 0;
    this.socket.ref();
    this.socket.write(text, "latin1");
  }

  /** Ends the connection, if this is the answer that it waits for; nothing more is told of it. */
  cancel(answer: CacheAnswer): void {
    if (this.#request?.answer === answer) this.close();
  }

  /** Nothing more is told of a request that is under way. */
  close(): void {
    this.#request = undefined;
    this.socket.destroy();
  }

  #take(part: Buffer): void {
    const request = this.#request;
    // Nothing was asked for.
    if (request === undefined) return this.close();
    const body = this.#status === 0 ? this.#takeHead(request, part) : part;
    // Whoever asked may have cut it, since it is too long.
    if (body === undefined || this.#request !== request) return;
    const own = body.length > this.#left ? body.subarray(0, this.#left) : body;
    this.#left -= own.length;
    if (own.length > 0) request.answer.onResponseData(undefined, own);
    if (this.#left > 0 || this.#request !== request) return;
    this.#request = undefined;
    if (this.#stays && own.length === body.length) {
      this.socket.unref();
      this.onIdle(this);
    } else this.socket.destroy();
    request.answer.onResponseEnd();
  }

  /** The bytes behind the head, once it is whole. */
  #takeHead({ answer, giveUp }: PlainRequest, part: Buffer): Buffer | undefined {
    const bytes = this.#head.length === 0 ? part : Buffer.concat([this.#head, part]);
    const end = bytes.indexOf("\r\n\r\n");
    this.#head = end < 0 ? bytes : NOTHING;
    if (end < 0 && bytes.length <= LONGEST_HEAD) return undefined;
    let head: ReturnType<typeof plainHead>;
    try {
      if (end < 0) throw new Error("its head has no end");
      head = plainHead(bytes.toString("latin1", 0, end));
    } catch (error) {
      this.close();
      return void answer.onResponseError(undefined, error as Error);
    }
    if (head === "other") {
      this.close();
      return void giveUp();
    }
    [this.#status, this.#left, this.#stays] = [head.status, head.length, head.stays];
    answer.onResponseStart(undefined, head.status, { "content-length": String(head.length) });
    return bytes.subarray(end + 4);
  }

  #lose(): void {
    const request = this.#request;
    if (request === undefined) return;
    this.#request = undefined;
    const error = Object.assign(new Error("the connection was closed"), { code: "UND_ERR_SOCKET" });
    request.answer.onResponseError(undefined, error);
  }
}
