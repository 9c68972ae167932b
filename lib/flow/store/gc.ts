/** Garbage collection: removes results that no root needs, and files that no result needs. */
import { canonicalJson } from "./canonical_json.ts";
import { earliestNow } from "./file_clock.ts";
import { LAYOUT } from "./layout.ts";
import { keyNow, waitFor } from "./late_view.ts";
import { type Leftovers, leftoversOf } from "./leftovers.ts";
import { idOf, type PackedPlace } from "./pack_format.ts";
import type { StoreParts } from "./parts.ts";
import { StatKey } from "./stat_key.ts";
import { sweepPacks } from "./sweep_packs.ts";
import {
  type ActionKey,
  type ActionRecord,
  type FileDigest,
  type Manifest,
  StoreError,
  type TreeDigest,
} from "./types.ts";

/** Results that must not be deleted. */
export interface Roots {
  /** Keys that stay whatever else is asked: of the last runs, and pinned ones. */
  readonly keys: ReadonlySet<ActionKey>;
  /** When a key's result was last used, in milliseconds since 1970, where that is later than its record. */
  readonly lastUsed?: ReadonlyMap<ActionKey, number>;
}

export interface GarbageOptions {
  /** Called once no other process uses the store. An error stops the collection before anything is deleted. */
  readonly roots: () => Roots;
  /** Folders that `roots` reads: a change in one of them stops the collection. */
  readonly watched?: readonly string[];
  /** Only delete results that were not used for this long. */
  readonly olderThanMs?: number;
  /** Removes the results that were not used for longest, until all files together are no longer than this. */
  readonly maxBytes?: number;
  /** Only report what would be deleted. */
  readonly dryRun?: boolean;
}

/** What a collection deleted and kept; sizes in bytes. */
export interface GarbageReport {
  /** The deleted results, with their kinds. */
  readonly removed: readonly { readonly key: ActionKey; readonly kind: string }[];
  readonly blobs: number;
  /** Freed by results. */
  readonly bytes: number;
  /** Freed beside results. */
  readonly leftovers: { readonly files: number; readonly bytes: number };
  readonly keptBytes: number;
  /** Another process used the store, or began to use it during the collection: from then on nothing was deleted. */
  readonly disturbed: boolean;
  /** Why results other than roots were kept, for people. */
  readonly notes: readonly string[];
}

/** Partial work, quarantined files, snapshots and logs are deleted when unchanged for this long. */
export const LEFTOVERS_MS = 30 * 24 * 3600 * 1000;

/** The name of the lease that a collection holds. */
export const GC_LEASE = "gc";

/**
 * Without `olderThanMs` and `maxBytes` every result that is no root is deleted. The items of a root task are kept too,
 * with which a new item costs one item, and of a chain the milestones and the state that it ended with.
 *
 * While another process uses the store, only leftovers are deleted: that process may read in a moment what it has just
 * looked up. This is checked again before each removal, also for processes that came and went in between, because this
 * process may be suspended for hours between two removals. No clock decides it, since the clocks of machines differ.
 *
 * @throws StoreError store-busy if another collection is running; errors of `roots`
 */
export function collectGarbage(store: StoreParts, options: GarbageOptions): GarbageReport {
  const claim = store.leases.try(GC_LEASE);
  if ("holder" in claim) {
    const { pid, host } = claim.holder;
    throw new StoreError(
      "store-busy",
      `process ${pid} on ${host} is already running gc in ${store.folder}`,
    );
  }
  try {
    return new Collection(store, options).run();
  } finally {
    claim.lease.release();
  }
}

interface Candidate {
  readonly key: ActionKey;
  readonly manifest: Manifest;
  /** Whether it stays where a result of its family is a root: an item, or a milestone of a chain. */
  readonly isPart: boolean;
  readonly files: readonly string[];
  readonly used: number;
}

/** The properties shared by a task, its items, and the states of its chain. */
function familyOf({ kind, code, params, outputs, runtime }: Manifest): string {
  return canonicalJson({ kind, code, params, outputs, runtime });
}

class Collection {
  /** Results have times of several clocks: of those the one that is behind, so that none seems older than it is. */
  readonly #began: number;
  readonly #notes: string[] = [];
  /** How many records need a file of the store, by its path. */
  readonly #needed = new Map<string, number>();
  readonly #sizes = new Map<string, number>();
  #total = 0;
  #calm = "";
  #disturbed = false;

  constructor(readonly store: StoreParts, readonly options: GarbageOptions) {
    this.#began = earliestNow(store.folder);
  }

  run(): GarbageReport {
    const { store, options } = this;
    store.leases.clearDead();
    this.#calm = this.#presence();
    // Whoever comes within the same tick of the clock as the last change is in the list of others.
    waitFor(store.leases.calmIn(options.watched));
    this.#lookForOthers();
    // What is read from here on was there before the folders were listed that have it: so a network file system shows it.
    store.packs.refresh();
    const there = [...this.#files()];
    const candidates = this.#disturbed ? [] : this.#candidates(options.roots());
    for (const path of there) {
      const size = StatKey.ofLink(path)?.size ?? 0;
      this.#count(path, size);
    }
    for (const { path, size } of this.#packed()) this.#count(path, size);
    const before = this.#total;
    const orphans = this.#disturbed ? [] : [...this.#sizes.keys()].filter((path) => !this.#needed.has(path));
    for (const path of orphans) this.#total -= this.#sizes.get(path)!;
    const doomed = this.#choose(candidates);
    const files = [...orphans, ...[...this.#needed].filter(([, count]) => count === 0).map(([path]) => path)];
    const leftovers = leftoversOf(store, this.#began - (options.olderThanMs ?? LEFTOVERS_MS));
    const gone = options.dryRun ? { doomed, files } : this.#remove(doomed, files, leftovers);
    const bytes = gone.files.reduce((sum, path) => sum + this.#sizes.get(path)!, 0);
    return {
      removed: gone.doomed.map(({ key, manifest }) => ({ key, kind: manifest.kind })),
      blobs: gone.files.filter((path) => path.startsWith(`${store.folder}/${LAYOUT.blobs}/`)).length,
      bytes,
      leftovers: { files: leftovers.files, bytes: leftovers.bytes },
      keptBytes: before - bytes,
      disturbed: this.#disturbed,
      notes: this.#notes,
    };
  }

  /** Changes whenever a process begins or ends to work on the store, and when what `roots` looked at changes. */
  #presence(): string {
    const { store, options: { watched = [] } } = this;
    return [store.leases.presence(), ...watched.map((folder) => keyNow(folder)?.toString())].join(" ");
  }

  #lookForOthers(): void {
    for (const { pid, host, about } of this.store.leases.others()) {
      this.#disturbed = true;
      this.#notes.push(
        `kept all results: process ${pid} on ${host} (${about}) works with them; run gc again when it has ended`,
      );
    }
  }

  /** Counts what every record needs, and returns those that may go, longest unused first. */
  #candidates({ keys, lastUsed }: Roots): Candidate[] {
    const { store } = this;
    const candidates: Candidate[] = [];
    const families = new Set<string>();
    const endStates = new Set<ActionKey>();
    for (const key of store.records.keys()) {
      const record = store.records.read(key);
      if (record === undefined || "what" in record) continue;
      const files = this.#filesOf(record);
      for (const path of files) this.#needed.set(path, (this.#needed.get(path) ?? 0) + 1);
      if (keys.has(key)) {
        families.add(familyOf(record.manifest));
        if (record.facts.endState !== undefined) endStates.add(record.facts.endState);
        continue;
      }
      const published = store.records.keptAt(key) ?? Infinity;
      const { manifest } = record;
      const isPart = manifest.item !== undefined || record.facts.state === "milestone";
      candidates.push({ key, manifest, isPart, files, used: Math.max(published, lastUsed?.get(key) ?? 0) });
    }
    return candidates
      .filter(({ key, manifest, isPart }) =>
        !endStates.has(key) && (!isPart || !families.has(familyOf(manifest)))
      )
      .sort((a, b) => a.used - b.used);
  }

  #choose(candidates: readonly Candidate[]): Candidate[] {
    const { olderThanMs, maxBytes } = this.options;
    const all = olderThanMs === undefined && maxBytes === undefined;
    const doomed: Candidate[] = [];
    for (const candidate of candidates) {
      const { files, used } = candidate;
      const tooOld = olderThanMs !== undefined && used < this.#began - olderThanMs;
      if (!all && !tooOld && !(maxBytes !== undefined && this.#total > maxBytes)) continue;
      doomed.push(candidate);
      for (const path of files) {
        const count = this.#needed.get(path)! - 1;
        this.#needed.set(path, count);
        if (count === 0) this.#total -= this.#sizes.get(path) ?? 0;
      }
    }
    if (maxBytes !== undefined && this.#total > maxBytes) {
      this.#notes.push(
        `the store is still larger than --max-size: recent or pinned runs need the rest`,
      );
    }
    return doomed;
  }

  /** Returns what is gone. */
  #remove(
    records: readonly Candidate[],
    files: readonly string[],
    leftovers: Leftovers,
  ): { doomed: Candidate[]; files: string[] } {
    const { store } = this;
    // Records first: one without its files would be found damaged, files without a record are only left over.
    const removed = records.filter(({ key }) => this.#removeOne(store.records.path(key)));
    this.#sweep(removed, files);
    const doomed = new Set(removed.filter(({ key }) => store.packs.find("record", key).length === 0));
    const refused = new Set(records.filter((record) => !doomed.has(record)).flatMap(({ files }) => files));
    const packed = new Set([...this.#packed()].map(({ path }) => path));
    const gone = files.filter((path) => !refused.has(path) && this.#removeOne(path) && !packed.has(path));
    leftovers.remove(store.removals);
    store.digester.index.compact((name) =>
      StatKey.of(name.startsWith("/") ? name : `${store.folder}/${name}`) !== undefined
    );
    return { doomed: [...doomed], files: gone };
  }

  /** Takes what goes out of the packs. */
  #sweep(records: readonly Candidate[], files: readonly string[]): void {
    if (this.#disturbed) return;
    const { store } = this;
    const gone = new Set(files);
    const dropped = new Set(records.map(({ key }) => idOf({ kind: "record", digest: key })));
    for (const { path, place } of this.#packed()) if (gone.has(path)) dropped.add(idOf(place));
    this.#notes.push(...sweepPacks(store, dropped, (path) => this.#removeOne(path)));
  }

  #removeOne(path: string): boolean {
    if (!this.#disturbed && this.#presence() !== this.#calm) {
      this.#disturbed = true;
      this.#notes.push("stopped: another process began to use the store; run gc again to free the rest");
    }
    if (this.#disturbed) return false;
    this.store.removals.remove(path);
    return StatKey.ofLink(path) === undefined;
  }

  #filesOf({ outputs, facts }: ActionRecord): string[] {
    const { store } = this;
    const files = new Set<string>();
    if (facts.log !== undefined) files.add(store.blobs.path(facts.log));
    for (const output of Object.values(outputs)) {
      if (output.file === undefined) files.add(store.trees.path(output.digest));
      for (const { digest } of store.trees.get(output)?.entries ?? []) files.add(store.blobs.path(digest));
    }
    return [...files];
  }

  #count(path: string, size: number): void {
    this.#sizes.set(path, (this.#sizes.get(path) ?? 0) + size);
    this.#total += size;
  }

  /** The trees and blobs in packs, each by the path that it would have as a file. */
  *#packed(): Generator<{ path: string; size: number; place: PackedPlace }> {
    const { blobs, packs, trees } = this.store;
    for (const pack of packs.all()) {
      for (const place of pack.places()) {
        const { kind, digest, size } = place;
        if (kind === "record") continue;
        const path = kind === "blob" ? blobs.path(digest as FileDigest) : trees.path(digest as TreeDigest);
        yield { path, size, place };
      }
    }
  }

  *#files(): Generator<string> {
    for (const digest of this.store.trees.all()) yield this.store.trees.path(digest);
    for (const digest of this.store.blobs.all()) yield this.store.blobs.path(digest);
  }
}
