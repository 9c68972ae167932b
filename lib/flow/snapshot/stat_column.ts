/** A column of files with the stat keys that they had: which of them are not as they were? */
import { KEY_WORDS, statAll, StatKey } from "../store/stat_key.ts";
import { bytesOf, type Sections, wordsOf } from "./sections.ts";
import { TextColumn } from "./text_column.ts";

export interface KeyedFile {
  readonly path: string;
  /** Absent if the file has to be checked again in any case. */
  readonly key?: StatKey;
}

export class StatColumn {
  private constructor(readonly paths: TextColumn, readonly keys: Uint32Array<ArrayBuffer>) {}

  static of(files: readonly KeyedFile[]): StatColumn {
    const keys = new Uint32Array(files.length * KEY_WORDS);
    files.forEach(({ key }, i) => key && keys.set(key.words, i * KEY_WORDS));
    return new StatColumn(TextColumn.of(files.map(({ path }) => path)), keys);
  }

  static from(sections: Sections, name: string): StatColumn {
    return new StatColumn(TextColumn.from(sections, name), wordsOf(sections.get(`${name} keys`)!));
  }

  addTo(sections: Sections, name: string): void {
    this.paths.addTo(sections, name);
    sections.set(`${name} keys`, bytesOf(this.keys));
  }

  /** The indices of the files that have another key now, or are not there. Nothing is read. */
  changed(): number[] {
    const { keys } = this;
    const now = statAll(this.paths.bytes, this.paths.starts);
    const changed: number[] = [];
    for (let i = 0, at = 0; at < keys.length; i++, at += KEY_WORDS) {
      // A file that is missing has a key of zeros, as has one without a known key.
      let same = (now[at] | now[at + 1]) !== 0;
      for (let word = at; same && word < at + KEY_WORDS; word++) same = now[word] === keys[word];
      if (!same) changed.push(i);
    }
    return changed;
  }

  at(i: number): KeyedFile {
    const words = this.keys.slice(i * KEY_WORDS, (i + 1) * KEY_WORDS);
    return { path: this.paths.at(i), key: words.some((word) => word !== 0) ? new StatKey(words) : undefined };
  }

  setKey(i: number, key: StatKey): void {
    this.keys.set(key.words, i * KEY_WORDS);
  }
}
