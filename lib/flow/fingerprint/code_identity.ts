/** The identity of a kind's code, and the files it was computed from. */

/** Part of an action key. */
export interface CodeIdentity {
  /** SHA-256 of the tree-shaken, minified bundle of the kind's file, and of the files that the code names by URL. */
  readonly digest: string;
  /** Versions of the npm packages that the bundle imports, and of all below them. */
  readonly packages: Readonly<Record<string, string>>;
  /** SHA-256 over the digests of these packages' bytes, as deno.lock states them; absent without packages. */
  readonly packageBytes?: string;
}

export interface Fingerprint {
  readonly code: CodeIdentity;
  /** Stat keys, by absolute path, of the files it was computed from: it is valid as long as they are unchanged. */
  readonly keys: Readonly<Record<string, string>>;
  /**
   * The files that the code names by URL, and the modules of its workers: all that it may read of the project. A package
   * that it names so is `npm:` with the package's folder, `name/version`.
   */
  readonly reads: readonly string[];
  /** Where the code reaches for the system, which that of a program's arguments must not. */
  readonly impure?: string;
}
