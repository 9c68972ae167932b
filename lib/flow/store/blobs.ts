/** The bytes of files under their digests, read-only or in packs, and never used without being known to be right. */
import { digestBytes, isFileDigest } from "./digest.ts";
import type { Digester, FileToKnow, KnownFile } from "./digester.ts";
import { flushed } from "./late_refusals.ts";
import { keyNow } from "./late_view.ts";
import { inFolderOf, LAYOUT, namesIn, removeAll, shardedName } from "./layout.ts";
import type { Packs } from "./packs.ts";
import { copyWhole } from "./plain_file.ts";
import type { Quarantine } from "./quarantine.ts";
import { readIfThere } from "./small_files.ts";
import { preciseNow } from "./file_clock.ts";
import { linkCount, StatKey } from "./stat_key.ts";
import { type Damage, type FileDigest, StoreError, type TreeEntry } from "./types.ts";

const READ_ONLY = 0o444;

export class Blobs {
  constructor(
    readonly folder: string,
    readonly digester: Digester,
    readonly quarantine: Quarantine,
    readonly packs: Packs,
  ) {}

  /** Where a blob is, unless it is in a pack. */
  path(digest: FileDigest): string {
    return `${this.folder}/${shardedName(LAYOUT.blobs, digest)}`;
  }

  /** The blobs that are files. */
  all(): Generator<FileDigest> {
    return namesIn(this.folder, LAYOUT.blobs, isFileDigest);
  }

  /** What is wrong with the blobs of these entries: missing ones and damaged ones, which are set aside. Reads only
   * what is not remembered by its stat key. */
  async check(entries: readonly Pick<TreeEntry, "digest" | "size">[]): Promise<Damage[]> {
    const damage = await this.checkKnown(entries);
    if (damage.length === 0) return damage;
    const ill = new Set<string>(damage.map(({ digest }) => digest));
    this.packs.refresh();
    const suspects = entries.filter(({ digest }) => ill.has(digest));
    const found = this.packs.rightBlobs(suspects);
    const files = suspects.filter(({ digest }) => !found.has(digest));
    for (const { digest } of files) keyNow(this.path(digest));
    const stillIll = new Set((await this.#checkFiles(files)).map(({ digest }) => digest as string));
    return damage.filter(({ digest }) => stillIll.has(digest));
  }

  /** @throws StoreError store-io if one of these blobs is missing or damaged; it has been set aside then */
  async require(entries: readonly Pick<TreeEntry, "digest" | "size">[]): Promise<void> {
    const [damage] = await this.check(entries);
    if (damage === undefined) return;
    throw new StoreError(
      "store-io",
      `the store's blob ${damage.digest} can't be used, ${damage.reason}: run again to rebuild it`,
    );
  }

  /** As `check`; what another process has packed since the packs were looked at is missing. */
  async checkKnown(entries: readonly Pick<TreeEntry, "digest" | "size">[]): Promise<Damage[]> {
    const packed = this.packs.rightBlobs(entries);
    const files = packed.size === 0 ? entries : entries.filter(({ digest }) => !packed.has(digest));
    return await this.#checkFiles(files);
  }

  async #checkFiles(entries: readonly Pick<TreeEntry, "digest" | "size">[]): Promise<Damage[]> {
    const missing: Damage[] = [];
    const found: { digest: FileDigest; name: string; absolute: string; key: StatKey }[] = [];
    for (const { digest, size } of distinct(entries)) {
      const name = shardedName(LAYOUT.blobs, digest);
      const absolute = `${this.folder}/${name}`;
      let key = StatKey.ofLink(absolute);
      if (key !== undefined && (!key.isFile || key.size !== size)) {
        // Another machine may have put a right one in the place of what is seen.
        keyNow(absolute);
        key = StatKey.ofLink(absolute);
      }
      if (key === undefined) missing.push({ what: "blob", digest, reason: "it is missing" });
      else if (!key.isFile || key.size !== size) {
        const found = key.isFile ? `${key.size} bytes` : "no regular file";
        missing.push(this.#setAside(digest, `it is ${found}, expected ${size} bytes`));
      } else if (this.digester.remembered(name, key) !== digest) found.push({ digest, name, absolute, key });
    }
    if (found.length === 0) return missing;
    const known = await this.digestsOf(found);
    const wrong = found.flatMap(({ digest }, i): Damage[] => {
      const actual = known[i]?.digest;
      if (actual === digest) return [];
      if (actual === undefined) return [{ what: "blob", digest, reason: "it is missing" }];
      return [this.#setAside(digest, `its bytes have the digest ${actual}`)];
    });
    return [...missing, ...wrong];
  }

  /** What blobs are found to be by reading them; undefined where another process has removed one meanwhile. */
  async digestsOf(files: readonly FileToKnow[]): Promise<(KnownFile | undefined)[]> {
    const read = (some: readonly FileToKnow[]) => this.digester.digest(some, changing, { linked: true });
    try {
      return await read(files);
    } catch (error) {
      const there = files.filter(({ absolute }) => StatKey.ofLink(absolute) !== undefined);
      if (there.length === files.length) throw error;
      const known = await this.digestsOf(there);
      return files.map((file) => known[there.indexOf(file)]);
    }
  }

  /**
   * Takes a file into the store by moving it there, or by a copy where it has other names: whoever has these may still
   * write to it. Where the blob is there already and right, the file is removed.
   *
   * @param absolute a path on the store's file system
   * @param known the file's digest and stat key
   * @param temporary gives a path for a copy
   * @throws StoreError output-changing if the file is written to meanwhile
   */
  async adopt(absolute: string, known: KnownFile, temporary: () => string): Promise<void> {
    const { digest, key, trusted } = known;
    if (await this.isFile(digest, key.size)) {
      return removeAll(absolute);
    }
    const path = this.path(digest);
    if (linkCount(absolute) > 1) return this.#adoptCopy(absolute, known, temporary());
    Deno.chmodSync(absolute, READ_ONLY);
    inFolderOf(path, () => Deno.renameSync(absolute, path));
    const now = StatKey.ofLink(path);
    if (!now?.sameButChangeTime(key)) throw changing(path);
    if (trusted) this.digester.index.remember(shardedName(LAYOUT.blobs, digest), now, digest);
  }

  async #adoptCopy(absolute: string, { digest, key }: KnownFile, copy: string): Promise<void> {
    copyWhole(absolute, copy);
    const [copied] = await this.digester.digest([{ absolute: copy, key: StatKey.ofLink(copy)! }], changing);
    if (copied.digest !== digest || !StatKey.ofLink(absolute)?.equals(key)) throw changing(absolute);
    Deno.chmodSync(copy, READ_ONLY);
    const path = this.path(digest);
    inFolderOf(path, () => Deno.renameSync(copy, path));
    removeAll(absolute);
  }

  /** Whether a blob is there as a file, and right. One that is damaged is set aside. */
  async isFile(digest: FileDigest, size: number): Promise<boolean> {
    return (await this.#checkFiles([{ digest, size }])).length === 0;
  }

  /** Those of the blobs of which nothing is on the disk. */
  missing(digests: Iterable<FileDigest>): FileDigest[] {
    const looked = new Map();
    return [...digests].filter((digest) =>
      !this.packs.isThere("blob", digest, looked) && StatKey.ofLink(this.path(digest)) === undefined
    );
  }

  /** Is a blob with this stat key known to be right? */
  remembered(digest: FileDigest, key: StatKey): boolean {
    return this.digester.remembered(shardedName(LAYOUT.blobs, digest), key) === digest;
  }

  /**
   * Keeps bytes that are in memory, by way of a temporary file.
   *
   * @param digest that of the bytes
   */
  put(bytes: Uint8Array, temporary: string, digest = digestBytes(bytes)): FileDigest {
    const path = this.path(digest);
    const name = shardedName(LAYOUT.blobs, digest);
    const { index, settling } = this.digester;
    const key = StatKey.ofLink(path);
    if (key !== undefined && index.lookup(name, key) === digest) return digest;
    Deno.writeFileSync(temporary, bytes, { createNew: true, mode: READ_ONLY });
    const written = StatKey.ofLink(temporary);
    flushed(temporary, written);
    const trusted = written !== undefined && settling.trusts(written, preciseNow());
    inFolderOf(path, () => Deno.renameSync(temporary, path));
    const now = StatKey.ofLink(path);
    if (trusted && now?.sameButChangeTime(written)) index.remember(name, now, digest);
    return digest;
  }

  /** The bytes of a blob, checked; undefined where it is missing or damaged. */
  get(digest: FileDigest): Uint8Array | undefined {
    return this.#getFile(digest) ?? this.packs.blob(digest);
  }

  #getFile(digest: FileDigest): Uint8Array | undefined {
    const path = this.path(digest);
    if (StatKey.ofLink(path)?.isFile !== true) return undefined;
    const bytes = readIfThere(path);
    if (bytes === undefined) return undefined;
    if (digestBytes(bytes) === digest) return bytes;
    this.#setAside(digest, "its bytes have another digest");
    return undefined;
  }

  /**
   * Does something to the links of blobs that were checked, which moves their change times, and remembers them under
   * their new keys. One that changed in any other way is not remembered, and so read again before it is next used.
   */
  relink(digests: readonly FileDigest[], change: () => void): void {
    const { index } = this.digester;
    const before = digests.flatMap((digest) => {
      const name = shardedName(LAYOUT.blobs, digest);
      const key = StatKey.ofLink(this.path(digest));
      return key !== undefined && index.lookup(name, key) === digest ? [{ digest, name, key }] : [];
    });
    change();
    for (const { digest, name, key } of before) {
      const now = StatKey.ofLink(this.path(digest));
      if (now?.sameButChangeTime(key) && !now.equals(key)) index.remember(name, now, digest);
    }
  }

  setAside(damage: Damage): Damage {
    return this.quarantine.set(shardedName(LAYOUT.blobs, damage.digest), damage);
  }

  #setAside(digest: FileDigest, reason: string): Damage {
    return this.setAside({ what: "blob", digest, reason });
  }
}

function distinct<T extends Pick<TreeEntry, "digest">>(entries: readonly T[]): Iterable<T> {
  return entries.length < 2 ? entries : new Map(entries.map((entry) => [entry.digest, entry])).values();
}

function changing(path: string): StoreError {
  return new StoreError(
    "output-changing",
    `${path} changes while it is taken into the store: expected that whatever writes it has ended with its task`,
  );
}
