/** The identity of a kind's code, and the files it was computed from. */

/** Part of an action key. */
export interface CodeIdentity {
  /** SHA-256 of the tree-shaken, minified bundle of the kind's file, and of the files that the code names by URL. */
  readonly digest: string;
  /** Versions of the npm packages that the bundle imports, and of all below them. */
  readonly packages: Readonly<Record<string, string>>;
}

export interface Fingerprint {
  readonly code: CodeIdentity;
  /** Stat keys, by absolute path, of the files it was computed from: it is valid as long as they are unchanged. */
  readonly keys: Readonly<Record<string, string>>;
}
