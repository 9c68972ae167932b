/** Reads a byte source forward, one window at a time, for formats whose parts don't state their length. */

import type { ByteSource } from "./byte_source.ts";

const WINDOW = 1 << 16;

export class ByteCursor {
  #window = new Uint8Array(0);
  #start = 0;
  #at = 0;

  /**
   * @param source the source to read
   * @param position the position of the first byte
   * @param end the end (exclusive); must not exceed the source's size
   * @param what the name of the part in error messages
   */
  constructor(readonly source: ByteSource, position: number, readonly end: number, readonly what: string) {
    this.#start = position;
  }

  /** The position of the next byte. */
  get position(): number {
    return this.#start + this.#at;
  }

  byte(): number {
    if (this.#at === this.#window.byteLength) this.#refill(1);
    return this.#window[this.#at++];
  }

  /**
   * `length` bytes, valid until the next read. If there are fewer, fails as "truncated" without allocating
   * memory.
   */
  bytes(length: number): Uint8Array {
    if (this.#at + length > this.#window.byteLength) this.#refill(length);
    this.#at += length;
    return this.#window.subarray(this.#at - length, this.#at);
  }

  /** `length` bytes as a view, valid until the next read. */
  view(length: number): DataView {
    const bytes = this.bytes(length);
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  }

  /**
   * The bytes before the next line feed, which is consumed too; pickles of protocol 0 store names as lines.
   */
  line(): string {
    const bytes: number[] = [];
    for (let next = this.byte(); next !== 0x0a; next = this.byte()) bytes.push(next);
    return new TextDecoder().decode(Uint8Array.from(bytes));
  }

  #refill(length: number): void {
    const position = this.position;
    if (position + length > this.end) {
      this.source.fail(
        "truncated",
        `${this.what} ends at byte ${this.end}, but ${length} more are needed at byte ${position}`,
      );
    }
    const size = Math.min(Math.max(length, WINDOW), this.end - position);
    this.#window = this.source.read(position, size, this.what);
    this.#start = position;
    this.#at = 0;
  }
}
