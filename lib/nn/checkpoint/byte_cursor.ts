/** Reads a byte source forward, a window at a time, for formats whose parts do not say where they end. */

import type { ByteSource } from "./byte_source.ts";

const WINDOW = 1 << 16;

export class ByteCursor {
  #window = new Uint8Array(0);
  #start = 0;
  #at = 0;

  /**
   * @param source what is read
   * @param position where to begin
   * @param end where to stop; never past the source
   * @param what names the part in errors
   */
  constructor(readonly source: ByteSource, position: number, readonly end: number, readonly what: string) {
    this.#start = position;
  }

  /** Where the next byte is read. */
  get position(): number {
    return this.#start + this.#at;
  }

  byte(): number {
    if (this.#at === this.#window.byteLength) this.#refill(1);
    return this.#window[this.#at++];
  }

  /** `length` bytes, valid until the next read. Fails as "truncated", allocating nothing, when there are fewer. */
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

  /** The bytes up to a line feed, which is consumed and left out; protocol 0 pickles name things so. */
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
