/** The public face of the store (class `Store` in store.ts has these methods; this file goes when that one is there). */
import type {
  ActionKey,
  ActionRecord,
  Artifact,
  Damage,
  Facts,
  FileDigest,
  Manifest,
  OutputRef,
  SourceState,
} from "./types.ts";

// import { Store } from "lib/flow/store/store.ts"
// const store = Store.open(folder)            creates it where absent; StoreError: newer version, not writable, …
export interface StoreContract {
  readonly folder: string;

  // --- lookup -------------------------------------------------------------------------------------------------
  /** The record of a key, checked (checksum, manifest hashes to the key); a damaged one is set aside → undefined. */
  getRecord(key: ActionKey): ActionRecord | undefined;
  /** Every record's key. */
  keys(): Generator<ActionKey>;
  /** Are all outputs there and right? By stat key; what is not known by it is rehashed. Damaged blobs are set aside.
   * An empty list: the record may be used. */
  checkOutputs(record: ActionRecord): Promise<Damage[]>;
  /** The files of an output; undefined where its tree is missing or damaged. */
  artifact(output: OutputRef): Artifact | undefined;
  /** The path of a file's bytes in the store (read-only). A single-file output can be given to a task as this path. */
  blobPath(digest: FileDigest): string;

  // --- sources ------------------------------------------------------------------------------------------------
  /** Digests a user's file or folder, remembering by stat key; StoreError source-missing, source-refused. */
  digestSource(path: string, kind: "file" | "folder"): Promise<SourceState>;
  /** The paths that changed since `state` was taken: stat again after a task that used it, and do not publish if any. */
  drifted(state: SourceState): string[];

  // --- work and publishing ------------------------------------------------------------------------------------
  /** A fresh folder on the store's file system; removed by `removeFolder`, or by a later process if this one dies. */
  workFolder(label: string): string;
  /** A folder that outlives this process, the same for the same key (TaskContext.scratch). */
  scratchFolder(key: ActionKey): string;
  /** Puts an output into `path` (a folder, or a file for a single-file output): reflink, hardlink or copy; read-only.
   * Each blob is verified (by stat key, else rehashed) before. Throws StoreError store-io with the damage. */
  materialise(artifact: Artifact, path: string): Promise<void>;
  /** Removes a folder that was made by workFolder, with what was materialised in it. */
  removeFolder(path: string): void;
  /** Takes the outputs `<folder>/<output>` into the store and writes the record, last and atomically. Where another
   * process already published the key, its record is returned and `joined` is true. `beforeRecord` may veto
   * by returning reasons (source drift): nothing is published then and `drift` has the reasons. */
  publish(action: {
    key: ActionKey;
    manifest: Manifest;
    folder: string;
    facts: Facts;
    beforeRecord?: () => string[];
  }): Promise<{ record?: ActionRecord; joined: boolean; drift: string[] }>;
  /** Keeps a text (a log) by digest, and reads it back. */
  putText(text: string): FileDigest;
  getText(digest: FileDigest): string | undefined;

  // --- single flight ------------------------------------------------------------------------------------------
  /** Tries to become the one who runs `key`. Not owned → `holder` says who runs it. After acquiring, look for the
   * record again: the former holder may just have published it. */
  tryLease(key: ActionKey): { lease: Lease } | { holder: Holder };

  // --- upkeep -------------------------------------------------------------------------------------------------
  /** Call before reusing: these keys are in use by this process until close(); gc of another process keeps them. */
  declareUse(keys: Iterable<ActionKey>): void;
  gc(options: {
    roots: ReadonlySet<ActionKey>;
    lastUsed?: ReadonlyMap<ActionKey, number>;
    olderThanMs?: number;
    maxBytes?: number;
    dryRun?: boolean;
  }): Promise<{ records: number; blobs: number; bytes: number; keptBytes: number; notes: string[] }>;
  /** Rehashes every blob, tree and record. */
  verify(progress?: (done: number, total: number) => void): Promise<Damage[]>;
  /** Ends the heartbeat and releases what is still leased; writes the stat index. */
  close(): void;
}

export interface Holder {
  readonly host: string;
  readonly pid: number;
  /** ISO 8601: when that process began. */
  readonly since: string;
  /** Whatever `Store.open(folder, { about })` said, e.g. the command line. */
  readonly about: string;
}

export interface Lease {
  readonly key: ActionKey;
  /** Idempotent. */
  release(): void;
}
