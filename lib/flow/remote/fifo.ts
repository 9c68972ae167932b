/** A queue of any length: an array moves all that is behind the first one when that is taken. */

const CUT_FROM = 1024;

export class Fifo<T> {
  #items: T[] = [];
  #taken = 0;

  get first(): T | undefined {
    return this.#items[this.#taken];
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    const item = this.first;
    if (this.#taken < this.#items.length) this.#taken++;
    if (this.#taken >= CUT_FROM && 2 * this.#taken >= this.#items.length) {
      this.#items = this.#items.slice(this.#taken);
      this.#taken = 0;
    }
    return item;
  }
}
