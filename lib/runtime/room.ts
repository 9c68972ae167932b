/** The memory that the programs of a task share: one that opens closes those that do not fit beside it. */

import type { Program } from "../tensor/graph.ts";
import { peakBytes } from "../tensor/memory.ts";
import { fitted } from "../tensor/recompute.ts";

/** A program whose values do not fit, in bytes. */
export interface ShortOfMemory {
  /** For the values of all programs. */
  readonly room: number;
  /** What the program's values would take. */
  readonly whole: number;
  /** What they take where as many as needed, or as possible, are computed again. */
  readonly fitted: number;
}

/** Open programs, in the order in which they were opened. */
export class Room {
  readonly #open = new Map<() => Promise<void>, number>();

  /**
   * @param bytes the memory for intermediate values of all programs together
   * @param onShort called for every program that does not fit as it is
   */
  constructor(readonly bytes: number = Infinity, readonly onShort?: (short: ShortOfMemory) => void) {}

  /** The program, with as many values computed again as it needs to fit; see {@link fitted}. */
  fit(program: Program): Program {
    const whole = peakBytes(program);
    if (whole <= this.bytes) return program;
    const chosen = fitted(program, this.bytes);
    this.onShort?.({ room: this.bytes, whole, fitted: peakBytes(chosen) });
    return chosen;
  }

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
