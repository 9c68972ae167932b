/** Lists of indices, one after the other in one column of words. */
import { bytesOf, type Sections, wordsOf } from "./sections.ts";

export class Lists {
  /** @param starts one more than there are lists */
  private constructor(readonly items: Uint32Array<ArrayBuffer>, readonly starts: Uint32Array<ArrayBuffer>) {}

  static of(lists: readonly (readonly number[])[]): Lists {
    const starts = new Uint32Array(lists.length + 1);
    lists.forEach((list, i) => starts[i + 1] = starts[i] + list.length);
    return new Lists(Uint32Array.from(lists.flat()), starts);
  }

  static from(sections: Sections, name: string): Lists {
    return new Lists(wordsOf(sections.get(`${name} items`)!), wordsOf(sections.get(`${name} starts`)!));
  }

  addTo(sections: Sections, name: string): void {
    sections.set(`${name} items`, bytesOf(this.items)).set(`${name} starts`, bytesOf(this.starts));
  }

  /** Is any item of list `i` marked? Makes no object, unlike `of`, for going through many lists. */
  some(i: number, marks: Uint8Array): boolean {
    for (let at = this.starts[i]; at < this.starts[i + 1]; at++) if (marks[this.items[at]] !== 0) return true;
    return false;
  }

  of(i: number): Uint32Array {
    return this.items.subarray(this.starts[i], this.starts[i + 1]);
  }
}
