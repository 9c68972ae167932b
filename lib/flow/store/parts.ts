/** The parts of an open store that its operations work with. */
import type { Blobs } from "./blobs.ts";
import type { Digester } from "./digester.ts";
import type { Leases } from "./leases.ts";
import type { Records } from "./records.ts";
import type { RefusedRemovals } from "./refused_removals.ts";
import type { Trees } from "./trees.ts";

export interface StoreParts {
  readonly folder: string;
  readonly digester: Digester;
  readonly blobs: Blobs;
  readonly trees: Trees;
  readonly records: Records;
  readonly leases: Leases;
  readonly removals: RefusedRemovals;
  /** A path on the store's file system at which nothing is yet. */
  temporary(): string;
}
