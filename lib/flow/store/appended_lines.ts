/** Reads what is appended to a file of lines while somebody else writes it. */

import { isMissing } from "../../system/is_there.ts";
import { retryStale } from "../../system/stale.ts";
import { keyNow } from "./late_view.ts";
import { openPlain } from "./plain_file.ts";

const CHUNK_BYTES = 1 << 20;

/** Follows a file that may not be there yet, and may be cut to its end while it is followed. */
export class AppendedLines {
  #offset = 0;
  #rest = "";
  #decoder = new TextDecoder();
  #wasCut = false;

  /** @param offset the bytes that are passed over */
  constructor(readonly file: string, offset = 0) {
    this.#offset = offset;
  }

  /** The whole lines that were appended since the last call. */
  read(): string[] {
    const lines: string[] = [];
    // A network file system may go on for a while to say that a file is missing.
    if (!this.#isRead(lines) && keyNow(this.file) !== undefined) this.#isRead(lines);
    return lines;
  }

  /** False where nothing is. */
  #isRead(lines: string[]): boolean {
    try {
      retryStale(() => this.#readInto(lines));
      return true;
    } catch (error) {
      if (!isMissing(error)) throw error;
      return false;
    }
  }

  /** Whether it became shorter than what was read of it. */
  get wasCut(): boolean {
    return this.#wasCut;
  }

  /** Whether its last line has no end yet. */
  get hasPart(): boolean {
    return this.#rest !== "";
  }

  #readInto(lines: string[]): void {
    // Whoever opens a file of a network file system is told of its size now; whoever only asks for it, of some seconds ago.
    using handle = openPlain(this.file);
    const { size } = handle.statSync();
    if (size < this.#offset) this.#startAt(size);
    if (size === this.#offset) return;
    handle.seekSync(this.#offset, Deno.SeekMode.Start);
    const chunk = new Uint8Array(Math.min(CHUNK_BYTES, size - this.#offset));
    for (let read = handle.readSync(chunk); read !== null; read = handle.readSync(chunk)) {
      this.#offset += read;
      const parts = (this.#rest + this.#decoder.decode(chunk.subarray(0, read), { stream: true })).split(
        "\n",
      );
      this.#rest = parts.pop()!;
      for (const part of parts) lines.push(part);
    }
  }

  #startAt(offset: number): void {
    this.#wasCut = true;
    this.#offset = offset;
    this.#rest = "";
    this.#decoder = new TextDecoder();
  }
}
