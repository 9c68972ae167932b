/** The data of the store: trees, manifests, action records, and the errors of the store. */
import { FlowError } from "../errors.ts";
import type { Json } from "../json.ts";

declare const brand: unique symbol;

/** A text that only the function that computes or checks it can give out: no digest is taken for another. */
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** 64 hex digits of SHA-256; with `.chunks` behind them for a file longer than one chunk (see digest.ts). */
export type FileDigest = Branded<"file digest">;

/** 64 hex digits: SHA-256 of the canonical JSON of a tree. */
export type TreeDigest = Branded<"tree digest">;

/** 64 hex digits: SHA-256 of the canonical JSON of a manifest. */
export type ActionKey = Branded<"action key">;

/** One file of a tree. `path` is relative and uses `/`; it is empty where the tree is a single file. */
export interface TreeEntry {
  readonly path: string;
  readonly digest: FileDigest;
  readonly size: number;
  readonly executable?: true;
}

/** An output or a source: a folder's files sorted by path, or a single file as the one entry with an empty path. */
export interface Artifact {
  readonly digest: TreeDigest;
  readonly entries: readonly TreeEntry[];
  /** Of a source that has some: the paths of folders with nothing in them. A task's output keeps none, as in git. */
  readonly emptyFolders?: readonly string[];
}

/** One input in a list; its label is a part of the path that the task sees. */
export interface LabelledDigest {
  readonly label: string;
  /** For an item's input: the digest of one file. */
  readonly digest: TreeDigest | FileDigest;
}

/** All that an action's result depends on. Its canonical JSON is hashed to the key, and `why` compares it. */
export interface Manifest {
  readonly schema: typeof MANIFEST_SCHEMA;
  readonly kind: string;
  readonly code: {
    readonly digest: string;
    /** Versions by name. */
    readonly packages: Readonly<Record<string, string>>;
    /** SHA-256 over the digests of the packages' bytes that deno.lock states. */
    readonly packageBytes?: string;
  };
  readonly params: { readonly [name: string]: Json };
  readonly inputs: Readonly<Record<string, TreeDigest | readonly LabelledDigest[]>>;
  /** Output names, sorted. */
  readonly outputs: readonly string[];
  /** What else may change the bits: versions, execution provider, thread count class. */
  readonly runtime: Readonly<Record<string, string>>;
  /** Of the variables that the kind may read, those that are set: SHA-256 of each value, since it may be a secret. */
  readonly environment?: Readonly<Record<string, string>>;
  /** In a chain: the state after this step. */
  readonly step?: number;
  /** In per-item work: the item's id. */
  readonly item?: string;
  /** In per-item work: the item's own facts; absent where it has none. */
  readonly itemFacts?: Json;
  /**
   * What may end it early; absent where nothing does. The states of a chain do not depend on it, nor on the inputs of what
   * may stop it, which are named `stop.…`.
   */
  readonly ends?: {
    readonly stop?: Pick<Manifest, "kind" | "code" | "params">;
    /** The names of errors and the exit codes that are a result. */
    readonly mayFail?: readonly (string | number)[];
    /** How the result ended from which it takes a param. */
    readonly given?: EarlyEnd;
  };
}

/** How a task ended that has no further outputs: told to stop, or by a failure that counts as a result. */
export type EarlyEnd = "pruned" | "failed";

/** Raised whenever the same work gets another key: a change of the manifest's shape or meaning. */
export const MANIFEST_SCHEMA = 1;

/**
 * How it was made sure that a task reads what its key says. Isolated: it saw its declared inputs alone, mounted read-only.
 * Compared: it had copies of them, or links where they are large, and these were compared when it had ended.
 */
export type InputProtection = "isolated" | "compared";

/** How a result came about; never part of a key. */
export interface Facts {
  /** ISO 8601, UTC. */
  readonly started: string;
  readonly ms: number;
  readonly cpuMs?: number;
  readonly peakMemoryBytes?: number;
  readonly device?: string;
  readonly host?: string;
  readonly run?: string;
  readonly attempts?: number;
  /** Whether its inputs could not be changed while it ran, or were compared when it had ended. */
  readonly inputs?: InputProtection;
  /** Why it was not isolated, although tasks were to be. */
  readonly notIsolated?: string;
  /**
   * Of a chain's state that is not its end: `passed` is freed when the chain has ended (see free_outputs.ts), a `milestone`
   * stays as long as the end does.
   */
  readonly state?: "passed" | "milestone";
  /** Of a chain that may end early: the key of the state that it ended with, which stays as long as this result does. */
  readonly endState?: ActionKey;
  /** How it ended, where that was early. */
  readonly ended?: EarlyEnd;
  /** The log, kept as a blob (see `Store.putText`). */
  readonly log?: FileDigest;
}

/** An output as a record names it. The entries of a folder are kept apart, as a tree (see `Store.artifact`). */
export interface OutputRef {
  readonly digest: TreeDigest;
  readonly files: number;
  readonly bytes: number;
  /** The one entry where the output is a single file. */
  readonly file?: TreeEntry;
}

/** The result of one action. */
export interface ActionRecord {
  readonly key: ActionKey;
  readonly manifest: Manifest;
  readonly outputs: Readonly<Record<string, OutputRef>>;
  readonly facts: Facts;
}

/** A file or folder with its stat key. */
export interface StatOf {
  readonly path: string;
  readonly key: string;
}

/** The recorded state of a source; `Store.drifted` compares it with the present one. */
export interface SourceState {
  readonly path: string;
  readonly kind: "file" | "folder";
  readonly artifact: Artifact;
  /** One stat key an entry of the artifact, in the same order (see stat_key.ts). */
  readonly keys: readonly string[];
  /** Of a folder: it and every folder below it, by path relative to it, with the stat keys they had before they were
   * listed. A file can't come or go without changing one. */
  readonly folders: readonly StatOf[];
  /** Symbolic links on the way to the source (by absolute path) and below it (relative), with their own stat keys. */
  readonly links: readonly StatOf[];
  /** The folders above the source by absolute path, also those that links lead through. */
  readonly parents: readonly StatOf[];
  /** Files and folders (absolute) of which a later change may not show in their keys. */
  readonly unsettled: readonly string[];
}

/** Something that is not what its name says; it was moved to `quarantine/` unless it was a source of the user. */
export interface Damage {
  readonly what: "blob" | "tree" | "record" | "pack";
  /** Of a pack: its name. */
  readonly digest: string;
  readonly reason: string;
}

/** A problem of the store or of the disk below it. */
export class StoreError extends FlowError {
  constructor(
    code:
      | "store-newer"
      | "store-not-a-store"
      | "store-not-writable"
      | "store-disk-full"
      | "store-io"
      | "store-busy"
      | "source-missing"
      | "source-refused"
      | "output-missing"
      | "output-refused"
      | "output-changing",
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}
