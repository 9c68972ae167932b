/** Garbage collection: removes results that no root needs, and files that no result needs. */
import { canonicalJson } from "./canonical_json.ts";
import { LAYOUT, removeAll } from "./layout.ts";
import { type Leftovers, leftoversOf } from "./leftovers.ts";
import type { StoreParts } from "./parts.ts";
import { StatKey } from "./stat_key.ts";
import { type ActionKey, type ActionRecord, type Manifest, StoreError } from "./types.ts";

export interface GarbageOptions {
  /** Keys that stay whatever else is asked: of the last runs, and pinned ones. */
  readonly roots: ReadonlySet<ActionKey>;
  /** When a key's result was last used, in milliseconds since 1970, where that is later than its record. */
  readonly lastUsed?: ReadonlyMap<ActionKey, number>;
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
  /** Why results other than roots were kept, for people. */
  readonly notes: string[];
}

/** Partial work, quarantined files, snapshots and logs are deleted when unchanged for this long. */
export const LEFTOVERS_MS = 30 * 24 * 3600 * 1000;

/**
 * Without `olderThanMs` and `maxBytes` every result that is no root is deleted. The items of a root task are kept too:
 * with them a new item costs one item. Results that other processes use are kept: the keys they declared, leased keys,
 * and all published since the first of them began. A process that has not yet declared its keys keeps everything.
 *
 * @throws StoreError store-busy if another collection is running
 */
export function collectGarbage(store: StoreParts, options: GarbageOptions): GarbageReport {
  const claim = store.leases.try("gc");
  if ("holder" in claim) {
    const { pid, host } = claim.holder;
    throw new StoreError(
      "store-busy",
      `process ${pid} on ${host} collects garbage in ${store.folder} already`,
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
  readonly files: readonly string[];
  readonly used: number;
}

/** The properties shared by a task and its items. */
function familyOf({ kind, code, params, outputs, runtime }: Manifest): string {
  return canonicalJson({ kind, code, params, outputs, runtime });
}

class Collection {
  readonly #began = Date.now();
  readonly #notes: string[] = [];
  /** How many records need a file of the store, by its path. */
  readonly #needed = new Map<string, number>();
  readonly #sizes = new Map<string, number>();
  #total = 0;

  constructor(readonly store: StoreParts, readonly options: GarbageOptions) {}

  run(): GarbageReport {
    const { store, options } = this;
    store.leases.clearDead();
    const others = store.leases.others();
    const protectedFrom = Math.min(this.#began, ...others.map(({ since }) => Date.parse(since)));
    const candidates = this.#candidates(others, protectedFrom);

    for (const path of this.#files()) {
      const size = StatKey.ofLink(path)?.size ?? 0;
      this.#sizes.set(path, size);
      this.#total += size;
    }
    const before = this.#total;
    const orphans = [...this.#sizes.keys()].filter((path) =>
      !this.#needed.has(path) && (StatKey.ofLink(path)?.changedAt ?? Infinity) < protectedFrom
    );
    for (const path of orphans) this.#total -= this.#sizes.get(path)!;
    const doomed = this.#choose(candidates);
    const files = [...orphans, ...[...this.#needed].filter(([, count]) => count === 0).map(([path]) => path)];
    const leftovers = leftoversOf(store, this.#began - (options.olderThanMs ?? LEFTOVERS_MS));
    if (!options.dryRun) this.#remove(doomed, files, leftovers);
    return {
      removed: doomed.map(({ key, manifest }) => ({ key, kind: manifest.kind })),
      blobs: files.filter((path) => path.startsWith(`${store.folder}/${LAYOUT.blobs}/`)).length,
      bytes: before - this.#total,
      leftovers: { files: leftovers.files, bytes: leftovers.bytes },
      keptBytes: this.#total,
      notes: this.#notes,
    };
  }

  /** Counts the references of every record, and returns those that may be deleted, longest unused first. */
  #candidates(others: ReturnType<StoreParts["leases"]["others"]>, protectedFrom: number): Candidate[] {
    const { store, options } = this;
    const kept = new Set([...options.roots, ...store.leases.leased()]);
    let keepAll = false;
    for (const owner of others) {
      const uses = store.leases.usesOf(owner);
      for (const key of uses ?? []) kept.add(key);
      if (uses === undefined) keepAll = true;
      this.#notes.push(
        uses === undefined
          ? `kept all results: process ${owner.pid} on ${owner.host} (${owner.about}) has not yet said what it uses`
          : `kept what process ${owner.pid} on ${owner.host} (${owner.about}) uses`,
      );
    }
    const candidates: Candidate[] = [];
    const families = new Set<string>();
    for (const key of store.records.keys()) {
      const record = store.records.read(key);
      if (record === undefined || "what" in record) continue;
      const files = this.#filesOf(record);
      for (const path of files) this.#needed.set(path, (this.#needed.get(path) ?? 0) + 1);
      const published = StatKey.ofLink(store.records.path(key))?.modifiedAt ?? Infinity;
      if (keepAll || kept.has(key) || (others.length > 0 && published >= protectedFrom)) {
        families.add(familyOf(record.manifest));
        continue;
      }
      const { manifest } = record;
      candidates.push({ key, manifest, files, used: Math.max(published, options.lastUsed?.get(key) ?? 0) });
    }
    return candidates
      .filter(({ manifest }) => manifest.item === undefined || !families.has(familyOf(manifest)))
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
        `still above the size that was asked for: the rest is needed by recent runs or pinned`,
      );
    }
    return doomed;
  }

  #remove(records: readonly Candidate[], files: readonly string[], leftovers: Leftovers): void {
    const { store } = this;
    // Records first: one without its files would be found damaged, files without a record are only left over.
    for (const { key } of records) removeAll(store.records.path(key));
    for (const path of files) removeAll(path);
    leftovers.remove();
    store.digester.index.compact((name) =>
      StatKey.of(name.startsWith("/") ? name : `${store.folder}/${name}`) !== undefined
    );
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

  *#files(): Generator<string> {
    for (const digest of this.store.trees.all()) yield this.store.trees.path(digest);
    for (const digest of this.store.blobs.all()) yield this.store.blobs.path(digest);
  }
}
