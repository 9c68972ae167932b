/** The disk space that running tasks are expected to fill. */

import { freeSpace, missingSpace } from "../free_space.ts";

/** Something that runs and writes. */
interface Writer {
  readonly bytes: number;
}

/**
 * Begins a task only where the disk has room for it beside what the others that run have yet to write. What the disk has
 * lost since they began counts as written by them.
 */
export class Space {
  readonly #writers = new Set<Writer>();
  /** Free when nothing ran, less what tasks that have ended were expected to write. */
  #before = 0;
  #waiting: (() => void)[] = [];

  /**
   * @param folder on the disk
   * @param isIgnored whether a task begins however little room there is
   */
  constructor(
    readonly folder: string,
    readonly isIgnored = false,
    readonly freeBytes = () => freeSpace(folder)?.free ?? Infinity,
  ) {}

  /**
   * Waits while others run that may leave too little room for `bytes`; a task of which none are known does not wait, and
   * nobody waits for it.
   *
   * @returns what to call when it has ended; a text says why it must not begin: alone it has too little room
   */
  async begin(bytes: number, signal: AbortSignal): Promise<(() => void) | string> {
    if (this.isIgnored || bytes === 0) return () => {};
    while (!signal.aborted) {
      const free = this.freeBytes();
      if (free < bytes) return missingSpace(this.folder, bytes, free)!;
      if (this.#writers.size === 0 || free >= bytes + this.#left(free)) break;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    if (this.#writers.size === 0) this.#before = this.freeBytes();
    const writer = { bytes };
    this.#writers.add(writer);
    return () => {
      if (!this.#writers.delete(writer)) return;
      this.#before -= Math.min(bytes, this.#written(this.freeBytes()));
      for (const resolve of this.#waiting.splice(0)) resolve();
    };
  }

  #written(free: number): number {
    return Math.max(0, this.#before - free);
  }

  /** The bytes that those which run have yet to write. */
  #left(free: number): number {
    const promised = [...this.#writers].reduce((sum, { bytes }) => sum + bytes, 0);
    return Math.max(0, promised - this.#written(free));
  }
}
