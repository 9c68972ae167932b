/** What is known of a kind's code: its identity, and the files it was computed from. */

/** Part of an action key. */
export interface CodeIdentity {
  /** SHA-256 of the tree-shaken, minified bundle of the kind's file, and of what the code names by URL. */
  readonly digest: string;
  /** Versions of the npm packages that the bundle imports, and of all below them. */
  readonly packages: Readonly<Record<string, string>>;
}

export interface Fingerprint {
  readonly code: CodeIdentity;
  /** Stat keys of the files from which it was computed, by absolute path: it holds as long as they do. */
  readonly keys: Readonly<Record<string, string>>;
}
