/** A column of texts: one run of UTF-8 bytes and where each text begins, decoded one by one or all at once. */
import { bytesOf, type Sections, wordsOf } from "./sections.ts";

export class TextColumn<Text extends string = string> {
  #all: Text[] | undefined;

  /** @param starts one more than there are texts; each text is followed by a zero byte */
  private constructor(
    readonly bytes: Uint8Array<ArrayBuffer>,
    readonly starts: Uint32Array<ArrayBuffer>,
  ) {}

  /** @throws TypeError where a text has a zero character */
  static of<Text extends string>(texts: readonly Text[]): TextColumn<Text> {
    const encoder = new TextEncoder();
    const joined = texts.length === 0 ? "" : `${texts.join("\0")}\0`;
    const bytes = encoder.encode(joined);
    const starts = new Uint32Array(texts.length + 1);
    let at = 0;
    for (let i = 0; i < texts.length; i++) {
      at = bytes.indexOf(0, at) + 1;
      starts[i + 1] = at;
    }
    if (at !== bytes.length) throw new TypeError("a text with a zero character can't be in a column");
    return new TextColumn<Text>(bytes, starts);
  }

  static from<Text extends string>(sections: Sections, name: string): TextColumn<Text> {
    return new TextColumn<Text>(sections.get(`${name} texts`)!, wordsOf(sections.get(`${name} starts`)!));
  }

  addTo(sections: Sections, name: string): void {
    sections.set(`${name} texts`, this.bytes).set(`${name} starts`, bytesOf(this.starts));
  }

  get length(): number {
    return this.starts.length - 1;
  }

  at(i: number): Text {
    return this.#all?.[i] ??
      new TextDecoder().decode(this.bytes.subarray(this.starts[i], this.starts[i + 1] - 1)) as Text;
  }

  all(): readonly Text[] {
    if (this.#all === undefined) {
      this.#all = new TextDecoder().decode(this.bytes).split("\0") as Text[];
      this.#all.pop();
    }
    return this.#all;
  }
}
