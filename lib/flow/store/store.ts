/** The content-addressed store: results by action key, files by the digest of their bytes. */
import { resolve } from "node:path";
import { Blobs } from "./blobs.ts";
import { Digester } from "./digester.ts";
import { collectGarbage, type GarbageOptions, type GarbageReport, GC_LEASE } from "./gc.ts";
import { keepOpenToGroup } from "./group.ts";
import { attempt, storeError } from "./io.ts";
import { KeptBytes } from "./kept_bytes.ts";
import { LAYOUT, makeFolder } from "./layout.ts";
import { type Holder, type Lease, Leases } from "./leases.ts";
import { type MaterialiseOptions, Materialiser } from "./materialise.ts";
import { openFolder } from "./open_folder.ts";
import { Pack } from "./pack.ts";
import { Packing } from "./packing.ts";
import { Packs } from "./packs.ts";
import type { StoreParts } from "./parts.ts";
import { checkOutputs, type FinishedAction, publish, type Published, usablePacked } from "./publish.ts";
import { publishItem } from "./publish_item.ts";
import { flushed } from "./late_refusals.ts";
import { copyWhole } from "./plain_file.ts";
import { Quarantine } from "./quarantine.ts";
import { Records } from "./records.ts";
import { realPath } from "../real_path.ts";
import { RefusedRemovals } from "./refused_removals.ts";
import { mendPack } from "./rewrite_packs.ts";
import { Settling } from "./settle.ts";
import { digestSource, driftedPaths } from "./sources.ts";
import { StatIndex } from "./stat_index.ts";
import { StatKey } from "./stat_key.ts";
import { StoreVersion } from "./store_version.ts";
import { Trees } from "./trees.ts";
import {
  type ActionKey,
  type ActionRecord,
  type Artifact,
  type Damage,
  type FileDigest,
  type OutputRef,
  type SourceState,
  StoreError,
} from "./types.ts";
import { verifyStore } from "./verify.ts";
import { isThere } from "../../system/is_there.ts";

/** For so long a garbage collection under way is waited for: it ends at once unless it stands still. */
const LONGEST_WAIT_MS = 3000;
const WAIT_MS = 10;

/** An open store. Close it to release its leases. */
export class Store implements StoreParts {
  readonly digester: Digester;
  readonly blobs: Blobs;
  readonly trees: Trees;
  readonly records: Records;
  readonly leases: Leases;
  readonly removals = new RefusedRemovals();
  readonly quarantine: Quarantine;
  readonly packs: Packs;
  readonly packing: Packing;
  readonly bytes: KeptBytes;
  readonly #materialiser: Materialiser;
  #work: string | undefined;
  #made = 0;

  private constructor(readonly folder: string, about: string) {
    const index = new StatIndex(`${folder}/${LAYOUT.index}`);
    const quarantine = this.quarantine = new Quarantine(folder);
    const version = new StoreVersion(folder);
    this.digester = new Digester(index, new Settling(folder));
    this.packs = new Packs(folder, this.digester);
    this.packs.onDamage = (pack) => mendPack(this, pack);
    this.packing = new Packing(this, version);
    this.blobs = new Blobs(folder, this.digester, quarantine, this.packs);
    this.bytes = new KeptBytes(this.packs, (digest) => this.blobs.path(digest));
    this.trees = new Trees(folder, quarantine, this.packs);
    this.records = new Records(folder, quarantine, version, this.packs);
    this.leases = new Leases(folder, about, this.removals);
    this.#materialiser = new Materialiser(folder, this.blobs);
  }

  /**
   * Opens the store in `folder`, which is made where nothing is. Nothing is written to a store that is there.
   *
   * @param about what this process is, for whoever waits for it; such as its command line
   * @throws StoreError store-newer, store-not-a-store, store-not-writable, store-disk-full
   */
  static open(folder: string, about = "protoflow"): Store {
    const absolute = resolve(folder);
    openFolder(absolute);
    keepOpenToGroup(absolute);
    return new Store(absolute, about);
  }

  /** The intact record of a key; a damaged one is quarantined. Its outputs are checked separately. */
  getRecord(key: ActionKey): ActionRecord | undefined {
    return this.records.get(key);
  }

  keys(): Generator<ActionKey> {
    return this.records.keys();
  }

  /** What is wrong with a record's outputs, by stat key, or by reading what is not remembered. Empty: they may be
   * used. What is damaged was set aside. */
  checkOutputs(record: ActionRecord): Promise<Damage[]> {
    return checkOutputs(this, record);
  }

  /** The files of an output; undefined where its tree is missing or damaged. */
  artifact(output: OutputRef): Artifact | undefined {
    return this.trees.get(output);
  }

  /** Where the bytes of a long file are. They must not be written to, and are right only after `checkOutputs`. */
  blobPath(digest: FileDigest): string {
    return this.blobs.path(digest);
  }

  /** The results of items that are in packs, with outputs that are right. */
  async packedItems(keys: Iterable<ActionKey>): Promise<Map<ActionKey, ActionRecord>> {
    this.packs.refresh();
    return await usablePacked(this, keys);
  }

  /** Digests a file or folder of the user. @throws StoreError source-missing, source-refused */
  async digestSource(path: string, kind: "file" | "folder"): Promise<SourceState> {
    if (`${realPath(this.folder)}/`.startsWith(`${realPath(path)}/`)) {
      throw new StoreError(
        "source-refused",
        `the source ${path} cannot be used: the store ${this.folder} lies in it, and changes with every run: ` +
          "name another folder, or another store (--store)",
      );
    }
    return await digestSource(this.digester, path, kind);
  }

  /** The paths that are no longer as they were when `state` was taken. */
  drifted(state: SourceState): string[] {
    return driftedPaths(state);
  }

  /** A fresh folder on the store's file system. If this process dies a later one removes it. */
  workFolder(label: string): string {
    const path = `${this.workRoot()}/${label}-${this.#made++}`;
    try {
      Deno.mkdirSync(path);
    } catch (error) {
      throw storeError(`make a work folder in ${this.folder}`, error);
    }
    return path;
  }

  /** A folder that outlives this process, the same for the same key, for partial work that is checked again before
   * it is used. Whoever made it removes it when the work is done. */
  scratchFolder(key: ActionKey): string {
    const path = `${this.folder}/${LAYOUT.scratch}/${key}`;
    try {
      makeFolder(path);
    } catch (error) {
      throw storeError(`make a scratch folder in ${this.folder}`, error);
    }
    return path;
  }

  /**
   * Puts an output at `path`, read-only.
   *
   * @throws StoreError store-io where it is damaged, store-disk-full
   */
  materialise(artifact: Artifact, path: string, options?: MaterialiseOptions): Promise<void> {
    return this.#materialiser.put(artifact, path, options);
  }

  /** @throws StoreError store-io if a blob of the artifact is missing or damaged; it has been quarantined then */
  requireBlobs({ entries }: Artifact): Promise<void> {
    return this.blobs.require(entries);
  }

  /** Removes a work folder and what was materialised in it. What the system refuses to remove is passed over, and in
   * `removals`. */
  async removeFolder(path: string): Promise<void> {
    try {
      if (isThere(path)) await this.#materialiser.remove(path);
    } catch (error) {
      this.removals.refused(path, error);
    }
  }

  /** Deletes the content of a folder of a work folder. */
  emptyFolder(path: string): void {
    this.#materialiser.empty(path);
  }

  /** Takes a finished action's outputs and writes its record; the first record of a key stays. */
  publish(action: FinishedAction): Promise<Published> {
    return action.manifest.item === undefined ? publish(this, action) : publishItem(this, action);
  }

  /** Keeps a copy of a file, such as a log, as a blob: whoever still writes to the file can't reach the blob. */
  async putFile(path: string): Promise<FileDigest> {
    const copy = this.temporary();
    try {
      flushed(path);
      copyWhole(path, copy);
      const key = StatKey.ofLink(copy)!;
      const [known] = await this.digester.digest([{ absolute: copy, key }], (path) => new Error(path));
      await this.blobs.adopt(copy, known, () => this.temporary());
      return known.digest;
    } catch (error) {
      throw storeError(`keep ${path} in ${this.folder}`, error);
    }
  }

  /** Where the bytes of a kept file are; undefined where they are missing or damaged. */
  async fileOf(digest: FileDigest): Promise<string | undefined> {
    const path = this.blobs.path(digest);
    const size = StatKey.ofLink(path)?.size;
    return size !== undefined && await this.blobs.isFile(digest, size) ? path : undefined;
  }

  /** Keeps a text as a blob. */
  putText(text: string): FileDigest {
    try {
      return this.blobs.put(new TextEncoder().encode(text), this.temporary());
    } catch (error) {
      throw storeError(`keep a text in ${this.folder}`, error);
    }
  }

  /** A kept text; undefined where it is missing or damaged. */
  getText(digest: FileDigest): string | undefined {
    const bytes = this.blobs.get(digest);
    return bytes && new TextDecoder().decode(bytes);
  }

  /** Takes the right to run `key`, or says who has it. Having taken it, look for the record once more: whoever had
   * it before may just have published. */
  tryLease(key: ActionKey): { lease: Lease } | { holder: Holder } {
    return this.leases.try(key);
  }

  /** Removes what no root needs. */
  gc(options: GarbageOptions): GarbageReport {
    this.packing.seal();
    return collectGarbage(this, options);
  }

  /** Reads every record, tree and blob; entries that do not match their name are quarantined. */
  verify(progress?: (done: number, total: number) => void): Promise<Damage[]> {
    this.packing.seal();
    return verifyStore(this, progress);
  }

  /** Saves the stat index, and releases leases and work folders. The store can be used again. */
  close(): void {
    this.packing.seal();
    this.packs.close();
    this.digester.index.flush();
    this.digester.index.compact();
    this.leases.close();
    this.#work = undefined;
  }

  newPack(): Pack {
    return new Pack(`${this.folder}/${LAYOUT.packs}/${this.leases.me.token}-${this.#made++}`);
  }

  temporary(): string {
    return `${this.workRoot()}/new-${this.#made++}`;
  }

  /**
   * Says that this process works with results of the store, so that no garbage collection removes any of them. One that
   * is under way sees that and ends at once; one that stands still is not waited for.
   */
  async beginUse(): Promise<void> {
    // A store that may only be read can be read: whoever may write to it has to know who reads.
    if (attempt(`work on the store ${this.folder}`, () => void this.leases.me) !== undefined) return;
    for (let waited = 0; waited < LONGEST_WAIT_MS && this.leases.isHeld(GC_LEASE); waited += WAIT_MS) {
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    }
  }

  /**
   * As `beginUse`; tells whether another process worked on the store since its `leases.presence()` was this one, and so may
   * have removed what was looked up meanwhile.
   */
  async beginUseSince(presence: string): Promise<boolean> {
    const wasAlone = this.leases.presence() === presence && this.leases.others().length === 0;
    await this.beginUse();
    return !wasAlone;
  }

  /**
   * Whether this process, as it was known by `token`, was taken for dead. It is made known anew then, with work folders
   * of its own.
   */
  wasBuried(token: string): boolean {
    if (!this.leases.isBuried(token)) return false;
    this.leases.rise(token);
    if (this.#work?.endsWith(token)) this.#work = undefined;
    return true;
  }

  /** The folder with all work folders of this process. */
  workRoot(): string {
    if (this.#work === undefined) {
      this.leases.clearDead();
      const work = `${this.folder}/${LAYOUT.work}/${this.leases.me.token}`;
      try {
        makeFolder(work);
      } catch (error) {
        throw storeError(`work in the store ${this.folder}`, error);
      }
      this.#work = work;
    }
    return this.#work;
  }
}
