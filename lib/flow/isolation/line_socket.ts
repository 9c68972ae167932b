/** Lines of JSON over a socket, read and written without Deno's event loop (see poller.ts). */

import { connectSocket, endProcess, errorNumber, receiveSome, sendSome, socketPair } from "./linux_calls.ts";
import type { Poller } from "./poller.ts";

const CHUNK_BYTES = 1 << 16;
const EAGAIN = 11;
const EINTR = 4;

const encoder = new TextEncoder();

/** One end of it. `In` and `Out` are the lines that come and go. */
export class LineSocket<In, Out> {
  readonly #fd: number;
  readonly #chunk = new Uint8Array(CHUNK_BYTES);
  readonly #decoder = new TextDecoder();
  #rest = "";
  #waiting = new Uint8Array(0);
  #lines = "";

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Opens the socket at `path`. @throws Error */
  static connect<In, Out>(path: string): LineSocket<In, Out> {
    return new LineSocket(connectSocket(path));
  }

  /** The two file descriptors of a pair of ends. @throws Error */
  static pair(): [number, number] {
    return socketPair();
  }

  /** Calls `take` with each line that comes; the process ends with the other end. */
  listen(poller: Poller, take: (line: In) => void): void {
    poller.watch(this.#fd, {
      ready: () => {
        this.flush();
        this.#receive(take);
      },
      wantsToWrite: () => this.#waiting.length > 0,
    });
  }

  /** The line is sent by the next `flush`, or as soon as the other end has read what was sent before. */
  send(line: Out): void {
    this.#lines += `${JSON.stringify(line)}\n`;
  }

  /** Sends what can be sent without waiting. */
  flush(): void {
    if (this.#lines !== "") {
      const [before, more] = [this.#waiting, encoder.encode(this.#lines)];
      this.#waiting = new Uint8Array(before.length + more.length);
      this.#waiting.set(before);
      this.#waiting.set(more, before.length);
      this.#lines = "";
    }
    while (this.#waiting.length > 0) {
      const sent = sendSome(this.#fd, this.#waiting);
      // If the other end was closed, the next line is not received either.
      if (sent < 0) return;
      this.#waiting = this.#waiting.subarray(sent);
    }
  }

  #receive(take: (line: In) => void): void {
    const length = receiveSome(this.#fd, this.#chunk);
    if (length < 0 && [EAGAIN, EINTR].includes(errorNumber())) return;
    if (length <= 0) endProcess(0);
    const text = this.#rest + this.#decoder.decode(this.#chunk.subarray(0, length), { stream: true });
    const lines = text.split("\n");
    this.#rest = lines.pop()!;
    for (const line of lines) take(JSON.parse(line));
  }
}
