/** The files that a report is made of, by input. */

/** One file or folder of an input; its label names the run that it belongs to. */
export interface LabelledPath {
  readonly label: string;
  readonly path: string;
  /** The row of the study that it belongs to; absent if it is for all of them. */
  readonly row?: string;
  /** Its position in the list of the input. */
  readonly at?: number;
}

/** A row of a study with its own files. */
export interface RowFiles<Name extends string = string> {
  /** Absent if the report is not divided into rows. */
  readonly row?: string;
  readonly files: ReportFiles<Name>;
}

/** The content of one file of an input. */
export interface Labelled<Content> {
  readonly label: string;
  readonly content: Content;
}

/** By the function that made them, contents or digests by path. */
type Known = Map<(from: never) => unknown, Map<string, unknown>>;

/** Gives the files of inputs by name; what several sections read is read once. */
export class ReportFiles<Name extends string = string> {
  readonly #paths: Readonly<Record<string, readonly LabelledPath[]>>;
  readonly #contents: Known = new Map();
  /** Shared by the pages of a report. */
  readonly #digests: Known;

  /** @param paths by input, in the order of the runs */
  constructor(paths: Readonly<Record<string, readonly LabelledPath[]>>, digests: Known = new Map()) {
    this.#paths = paths;
    this.#digests = digests;
  }

  /** Whether the input was given. */
  has(name: string): boolean {
    return (this.#paths[name] ?? []).length > 0;
  }

  /** The number of files of an input. */
  count(name: Name): number {
    return (this.#paths[name] ?? []).length;
  }

  /** The rows that the files belong to, in the order of `titles` and then of the files, each with the files for it. */
  rows(titles: Readonly<Record<string, string>> = {}): RowFiles<Name>[] {
    const all = Object.values(this.#paths).flat().flatMap(({ row }) => row === undefined ? [] : [row]);
    const names = new Set([...Object.keys(titles), ...all]);
    return names.size === 0 ? [{ files: this }] : [...names].map((row) => ({ row, files: this.ofRow(row) }));
  }

  /** The files for one row: its own, and those that belong to all rows. Nothing of them has been read but digests. */
  ofRow(name: string): ReportFiles<Name> {
    const paths = Object.entries(this.#paths).map(([input, given]) => [
      input,
      given.filter(({ row }) => row === undefined || row === name),
    ]);
    return new ReportFiles(Object.fromEntries(paths), this.#digests);
  }

  /** For each input, the positions of its files in the list of the input. */
  positions(): Record<string, number[]> {
    return Object.fromEntries(
      Object.entries(this.#paths).map(([input, given]) => [input, given.map(({ at }, i) => at ?? i)]),
    );
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
    return remembered(this.#contents, read, this.required(name));
  }

  /** The contents of all runs; see {@link content}. */
  contents<Content>(name: Name, read: (path: string) => Content): Labelled<Content>[] {
    return (this.#paths[name] ?? []).map(({ label, path }) => ({
      label,
      content: remembered(this.#contents, read, path),
    }));
  }

  /**
   * A little of the contents of all runs, which is remembered for the other pages of the report when the contents are
   * forgotten.
   *
   * @param digest a function that is always the same one
   */
  digests<Content, Digest>(
    name: Name,
    read: (path: string) => Content,
    digest: (content: Content) => Digest,
  ): Labelled<Digest>[] {
    return (this.#paths[name] ?? []).map(({ label, path }) => ({
      label,
      content: remembered(
        this.#digests,
        digest,
        path,
        () => digest(remembered(this.#contents, read, path)),
      ),
    }));
  }
}

function remembered<From, Made>(
  known: Known,
  make: (from: From) => Made,
  path: string,
  making = () => make(path as From),
): Made {
  let found = known.get(make);
  if (!found) known.set(make, found = new Map());
  if (!found.has(path)) found.set(path, making());
  return found.get(path) as Made;
}
