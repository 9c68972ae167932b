/** What may be said about the reading of a data set, whichever it is. */

export interface ReadingOptions {
  /** Samples that are left out. */
  readonly skip?: Skips;
  /** Whether images are turned by their EXIF orientation, so that boxes are those of the turned image. */
  readonly turned?: boolean;
}

/** Names of samples that are left out, and which of them there were. */
export class Skips {
  readonly #names: ReadonlyMap<string, string>;
  readonly #met = new Set<string>();

  /** @param names in any normal form of Unicode */
  constructor(names: readonly string[]) {
    this.#names = new Map(names.map((name) => [name.normalize("NFC"), name]));
  }

  /** Whether the sample with one of these names is left out. */
  has(...names: readonly string[]): boolean {
    const found = names.map((name) => name.normalize("NFC")).find((name) => this.#names.has(name));
    if (found !== undefined) this.#met.add(found);
    return found !== undefined;
  }

  /** Those that were asked for, as they were given. */
  get met(): string[] {
    return [...this.#met].map((name) => this.#names.get(name)!);
  }

  /** Those that no sample has. */
  get unknown(): string[] {
    return [...this.#names].filter(([name]) => !this.#met.has(name)).map(([, given]) => given);
  }
}
