/** A binary heap: the entry of the lowest cost first, of equal costs the one pushed first. */

export class Heap<T> {
  readonly #entries: { readonly cost: number; readonly order: number; readonly value: T }[] = [];
  #pushed = 0;

  get size(): number {
    return this.#entries.length;
  }

  push(cost: number, value: T): void {
    const entry = { cost, order: this.#pushed++, value };
    let at = this.#entries.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(entry, this.#entries[parent])) break;
      this.#entries[at] = this.#entries[parent];
      at = parent;
    }
    this.#entries[at] = entry;
  }

  /** @throws {RangeError} when the heap is empty. */
  pop(): { readonly cost: number; readonly value: T } {
    const entries = this.#entries;
    const moved = entries.pop();
    if (moved === undefined) throw new RangeError("the heap is empty");
    if (entries.length === 0) return moved;
    const top = entries[0];
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= entries.length) break;
      if (child + 1 < entries.length && this.#before(entries[child + 1], entries[child])) child++;
      if (!this.#before(entries[child], moved)) break;
      entries[at] = entries[child];
      at = child;
    }
    entries[at] = moved;
    return top;
  }

  #before(a: { cost: number; order: number }, b: { cost: number; order: number }): boolean {
    return a.cost < b.cost || (a.cost === b.cost && a.order < b.order);
  }
}
