/** Run lengths, written from one change to the next. */

/** Writes the run lengths of one mask after another; its memory is used again. */
export class RunWriter {
  /** The positions at which pixels change, from 0 at first. */
  changes = new Uint32Array(1024);
  /** The number of changes. */
  length = 0;
  /** The pixels after the last change, 0 or 1. */
  state = 0;

  /** Begins a mask with a run of zeros. */
  begin(): void {
    this.length = 0;
    this.state = 0;
  }

  /** Makes room for so many changes more. */
  reserve(changes: number): void {
    if (this.length + changes <= this.changes.length) return;
    const longer = new Uint32Array(2 * (this.length + changes));
    longer.set(this.changes);
    this.changes = longer;
  }

  /** From `position` on, column by column, pixels are 0 or 1. */
  enter(state: 0 | 1, position: number): void {
    if (state === this.state) return;
    this.reserve(1);
    this.changes[this.length++] = position;
    this.state = state;
  }

  /** The run lengths of a mask of so many pixels, in memory of their own. */
  finish(pixels: number): Uint32Array {
    const last = this.length > 0 ? this.changes[this.length - 1] : 0;
    const counts = new Uint32Array(this.length + (last < pixels ? 1 : 0));
    let from = 0;
    for (let i = 0; i < this.length; i++) {
      counts[i] = this.changes[i] - from;
      from = this.changes[i];
    }
    if (last < pixels) counts[this.length] = pixels - last;
    return counts;
  }
}
