/** The parts of an open store that its operations work with. */
import type { Blobs } from "./blobs.ts";
import type { Digester } from "./digester.ts";
import type { Leases } from "./leases.ts";
import type { Pack } from "./pack.ts";
import type { PackEntry } from "./pack_format.ts";
import type { Packs } from "./packs.ts";
import type { Quarantine } from "./quarantine.ts";
import type { Records } from "./records.ts";
import type { RefusedRemovals } from "./refused_removals.ts";
import type { Trees } from "./trees.ts";
import type { ActionRecord } from "./types.ts";

/** Blobs and trees, and the record that they belong to, unless it comes later. */
export interface ToPack {
  readonly files: readonly Omit<PackEntry, "time">[];
  readonly record?: ActionRecord;
}

export interface Packer {
  /**
   * Keeps the result of an item; when this returns, it can be found.
   *
   * @returns the record that another process has kept before, whose outputs are right; the given one is not kept then
   * @throws StoreError store-disk-full, …
   */
  keep(result: ToPack): Promise<ActionRecord | undefined>;
}

export interface StoreParts {
  readonly folder: string;
  readonly digester: Digester;
  readonly blobs: Blobs;
  readonly trees: Trees;
  readonly records: Records;
  readonly leases: Leases;
  readonly removals: RefusedRemovals;
  readonly quarantine: Quarantine;
  readonly packs: Packs;
  readonly packing: Packer;
  /** A pack of this process, of which nothing is on the disk yet. */
  newPack(): Pack;
  /** A path on the store's file system at which nothing is yet. */
  temporary(): string;
}
