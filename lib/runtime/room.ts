/** The memory that the programs of a task share: one that opens closes those that do not fit beside it. */

/** Open programs, in the order in which they were opened. */
export class Room {
  readonly #open = new Map<() => Promise<void>, number>();

  /** @param bytes the memory for intermediate values of all programs together */
  constructor(readonly bytes: number = Infinity) {}

  /**
   * Makes room for a program before it opens: closes others, first ones first, until it fits or is alone.
   *
   * @param bytes the memory for its intermediate values, which a session keeps between its runs
   * @param close releases the program; called at most once, when another needs the room
   */
  async take(bytes: number, close: () => Promise<void>): Promise<void> {
    for (const other of [...this.#open.keys()]) {
      if (this.#taken + bytes <= this.bytes) break;
      this.leave(other);
      await other();
    }
    this.#open.set(close, bytes);
  }

  /** Forgets a program that was released by its owner. */
  leave(close: () => Promise<void>): void {
    this.#open.delete(close);
  }

  get #taken(): number {
    return [...this.#open.values()].reduce((sum, bytes) => sum + bytes, 0);
  }
}
