/** Run lengths, written from one change to the next. */

/** Writes the run lengths of one mask after another; its memory is used again. */
export class RunWriter {
  #counts = new Uint32Array(1024);
  #runs = 0;
  #state = 0;
  #from = 0;

  /** Begins a mask with a run of zeros. */
  begin(): void {
    this.#runs = 0;
    this.#state = 0;
    this.#from = 0;
  }

  /** From `position` on, column by column, pixels are 0 or 1. */
  enter(state: 0 | 1, position: number): void {
    if (state === this.#state) return;
    this.#push(position - this.#from);
    this.#from = position;
    this.#state = state;
  }

  /** The run lengths of a mask of so many pixels, in memory of their own. */
  finish(pixels: number): Uint32Array {
    if (this.#from < pixels) this.#push(pixels - this.#from);
    return this.#counts.slice(0, this.#runs);
  }

  #push(length: number): void {
    if (this.#runs === this.#counts.length) {
      const longer = new Uint32Array(2 * this.#runs);
      longer.set(this.#counts);
      this.#counts = longer;
    }
    this.#counts[this.#runs++] = length;
  }
}
