/** The files that a report is made of, by input. */

/** One file or folder of an input; its label names the run that it belongs to. */
export interface LabelledPath {
  readonly label: string;
  readonly path: string;
}

/** The content of one file of an input. */
export interface Labelled<Content> {
  readonly label: string;
  readonly content: Content;
}

/** Gives the files of inputs by name; what several sections read is read once. */
export class ReportFiles<Name extends string = string> {
  readonly #paths: Readonly<Record<string, readonly LabelledPath[]>>;
  readonly #contents = new Map<(path: string) => unknown, Map<string, unknown>>();

  /** @param paths by input, in the order of the runs */
  constructor(paths: Readonly<Record<string, readonly LabelledPath[]>>) {
    this.#paths = paths;
  }

  /** Whether the input was given. */
  has(name: string): boolean {
    return (this.#paths[name] ?? []).length > 0;
  }

  /** The path of an input, of the first run where there are several; undefined where the input was not given. */
  path(name: Name): string | undefined {
    return this.#paths[name]?.[0]?.path;
  }

  /**
   * The path of an input that a section can't do without.
   *
   * @throws {RangeError} if it was not given.
   */
  required(name: Name): string {
    const path = this.path(name);
    if (path === undefined) throw new RangeError(`the report has no input ${name}`);
    return path;
  }

  /** @param read a function that is always the same one, by which contents are remembered */
  content<Content>(name: Name, read: (path: string) => Content): Content {
    return this.#content(this.required(name), read);
  }

  /** The contents of all runs; see {@link content}. */
  contents<Content>(name: Name, read: (path: string) => Content): Labelled<Content>[] {
    return (this.#paths[name] ?? []).map(({ label, path }) => ({
      label,
      content: this.#content(path, read),
    }));
  }

  #content<Content>(path: string, read: (path: string) => Content): Content {
    let known = this.#contents.get(read);
    if (!known) this.#contents.set(read, known = new Map());
    if (!known.has(path)) known.set(path, read(path));
    return known.get(path) as Content;
  }
}
