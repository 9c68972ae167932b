/** Memory for long files that is used again: fresh memory takes longer to be had than to be filled. */

import { CHUNK_BYTES } from "../store/digest.ts";

/** More is given back to the system. */
const MOST_SPARE = 4;

export class SpareBytes {
  readonly #spare: ArrayBuffer[] = [];

  /** @param length at most a chunk's; what is in it is arbitrary */
  take(length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#spare.pop() ?? new ArrayBuffer(CHUNK_BYTES), 0, length);
  }

  /** Takes back what `take` gave, or what holds its memory now. */
  give({ buffer }: Uint8Array<ArrayBuffer>): void {
    if (this.#spare.length < MOST_SPARE && buffer.byteLength === CHUNK_BYTES) this.#spare.push(buffer);
  }
}
