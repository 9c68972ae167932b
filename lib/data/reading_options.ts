/** Options that all data set readers share. */

export interface ReadingOptions {
  /** Samples to leave out. */
  readonly skip?: Skips;
  /** Whether images are rotated by their EXIF orientation; boxes then refer to the rotated image. */
  readonly turned?: boolean;
  /** Takes what the reader passes over or leaves out, as a line of text; `warn` takes what is probably not meant. */
  readonly note?: (message: string) => void;
  readonly warn?: (message: string) => void;
}

/** Names of samples to leave out. Records which of them exist. */
export class Skips {
  readonly #names: ReadonlyMap<string, string>;
  readonly #met = new Set<string>();

  /** @param names sample names in any Unicode normalisation form */
  constructor(names: readonly string[]) {
    this.#names = new Map(names.map((name) => [name.normalize("NFC"), name]));
  }

  /** Whether to leave out the sample that has these alternative names. */
  has(...names: readonly string[]): boolean {
    const found = names.map((name) => name.normalize("NFC")).find((name) => this.#names.has(name));
    if (found !== undefined) this.#met.add(found);
    return found !== undefined;
  }

  /** The given names of samples that exist. */
  get met(): string[] {
    return [...this.#met].map((name) => this.#names.get(name)!);
  }

  /** The given names that match no sample. */
  get unknown(): string[] {
    return [...this.#names].filter(([name]) => !this.#met.has(name)).map(([, given]) => given);
  }
}
