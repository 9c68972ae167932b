/** Fetches the files of an output into the store. Nothing is put there that has not the digest it is asked by. */

import { freeSpace } from "../free_space.ts";
import { CHUNK_BYTES, digestBytes, sha256Hex } from "../store/digest.ts";
import { storeError } from "../store/io.ts";
import { LAYOUT, makeFolder, removeAll } from "../store/layout.ts";
import { PACKED_UP_TO_BYTES } from "../store/pack_format.ts";
import { parseTree } from "../store/parse_tree.ts";
import { preciseNow } from "../store/settle.ts";
import { StatKey } from "../store/stat_key.ts";
import type { Store } from "../store/store.ts";
import type { Artifact, FileDigest, OutputRef, TreeEntry } from "../store/types.ts";
import type { ApiDigest } from "./action_result.ts";
import { chunkListDigest, chunksOf, hexOf, isChunked, readChunkList, requireBytes } from "./chunks.ts";
import type { Member } from "./member.ts";
import { CacheError } from "./server.ts";

/** A list of files has at most so many bytes for each, and in all. */
const LIST_BYTES_A_FILE = 8 << 10;
const MOST_LIST_BYTES = 256 << 20;

const EMPTY = digestBytes(new Uint8Array());

/** Files that are on their way, by digest. */
export type ComingFiles = Map<string, Promise<boolean>>;

export class OutputFetcher {
  /**
   * @param members the caches to ask, in this order
   * @param isItems whether what is fetched is of items, and so goes into packs where it is small
   */
  constructor(
    readonly store: Store,
    readonly members: readonly Member[],
    readonly coming: ComingFiles = new Map(),
    readonly isItems = false,
  ) {}

  /**
   * Whether the store has the whole output now.
   *
   * @throws StoreError where the store can't be written to
   */
  async fetch(output: OutputRef): Promise<boolean> {
    const artifact = this.store.artifact(output) ?? await this.#tree(output);
    if (artifact === undefined || !this.#agrees(artifact, output)) return false;
    const lacking = new Set((await this.store.blobs.check(artifact.entries)).map(({ digest }) => digest));
    const entries = [...new Map(artifact.entries.map((entry) => [entry.digest, entry])).values()]
      .filter(({ digest }) => lacking.has(digest));
    const bytes = entries.reduce((sum, { size }) => sum + size, 0);
    if (bytes > (freeSpace(this.store.folder)?.free ?? Infinity)) {
      return this.#note(`the disk has no room for ${bytes} bytes`);
    }
    const fetched = await Promise.all(entries.map((entry) => this.file(entry)));
    return fetched.every((isThere) => isThere);
  }

  /** Fetches a log, of which no record says how long it is. */
  async log(digest: FileDigest): Promise<void> {
    if (await this.store.fileOf(digest) !== undefined) return;
    await this.#any(hexOf(digest), CHUNK_BYTES, async (bytes) => {
      await requireBytes(bytes, { hash: digest, sizeBytes: bytes.length });
      return this.#put(digest, bytes);
    });
  }

  /** Whether the store has the file now. */
  file(entry: Pick<TreeEntry, "digest" | "size">): Promise<boolean> {
    const coming = this.coming.get(entry.digest);
    if (coming !== undefined) return coming;
    const file = this.#file(entry).finally(() => this.coming.delete(entry.digest));
    this.coming.set(entry.digest, file);
    return file;
  }

  async #file(entry: Pick<TreeEntry, "digest" | "size">): Promise<boolean> {
    // A digest of the other form would name other bytes than the store takes it for.
    if (isChunked(entry) !== entry.size > CHUNK_BYTES) return this.#note("a file has no digest for its size");
    return await (isChunked(entry) ? this.#longFile(entry) : this.#shortFile(entry));
  }

  #note(problem: string): false {
    this.members[0]?.note(problem);
    return false;
  }

  /** A record may say anything of its outputs; a list of files has their sizes. */
  #agrees({ entries }: Artifact, { files, bytes }: OutputRef): boolean {
    if (entries.length === files && entries.reduce((sum, { size }) => sum + size, 0) === bytes) return true;
    return this.#note("a record states other sizes than its list of files");
  }

  async #tree({ digest, files }: OutputRef): Promise<Artifact | undefined> {
    const atMost = Math.min(MOST_LIST_BYTES, (files + 1) * LIST_BYTES_A_FILE);
    return await this.#any(digest, atMost, async (bytes) => {
      await requireBytes(bytes, { hash: digest, sizeBytes: bytes.length });
      const found = parseTree(digest, bytes);
      if ("what" in found) throw new CacheError(`the list of files ${digest}: ${found.reason}`);
      if (this.isItems) await this.store.packing.keep({ files: [{ kind: "tree", digest, bytes }] });
      else this.store.trees.put(found, this.store.temporary());
      return found;
    });
  }

  async #shortFile({ digest, size }: Pick<TreeEntry, "digest" | "size">): Promise<boolean> {
    // A server need not keep a file without bytes.
    if (size === 0 && digest === EMPTY) return this.#put(digest, new Uint8Array());
    return await this.#entry({ hash: hexOf(digest), sizeBytes: size }, (bytes) => this.#put(digest, bytes)) ??
      false;
  }

  async #put(digest: TreeEntry["digest"], bytes: Uint8Array): Promise<boolean> {
    if (this.isItems && bytes.length <= PACKED_UP_TO_BYTES) {
      await this.store.packing.keep({ files: [{ kind: "blob", digest, bytes }] });
      return true;
    }
    const temporary = this.store.temporary();
    Deno.writeFileSync(temporary, bytes, { createNew: true });
    await this.#adopt(digest, temporary);
    return true;
  }

  async #adopt(digest: TreeEntry["digest"], file: string): Promise<void> {
    try {
      const key = StatKey.ofLink(file)!;
      const trusted = this.store.digester.settling.trusts(key, preciseNow());
      await this.store.blobs.adopt(file, { digest, key, trusted }, () => this.store.temporary());
    } catch (error) {
      throw storeError(`keep a fetched file in ${this.store.folder}`, error);
    }
  }

  /** Chunks that came before the process was killed are not fetched again. */
  async #longFile(entry: Pick<TreeEntry, "digest" | "size">): Promise<boolean> {
    const list = chunkListDigest(entry);
    const chunks = chunksOf(entry.size);
    const hashes = await this.#entry(list, (bytes) => readChunkList(bytes, chunks.length));
    if (hashes === undefined) return false;
    const claim = this.store.leases.try(`fetch-${list.hash}`);
    // Another process fetches it, too: each has a file of its own then.
    const scratch = "lease" in claim
      ? `${this.store.folder}/${LAYOUT.scratch}/fetch-${list.hash}`
      : undefined;
    const path = scratch ?? this.store.temporary();
    try {
      if (scratch !== undefined) makeFolder(`${this.store.folder}/${LAYOUT.scratch}`);
      using file = Deno.openSync(path, { read: true, write: true, create: true });
      const fetched = await Promise.all(chunks.map(async ({ from, size }, i) => {
        const digest = { hash: hashes[i], sizeBytes: size };
        if (isAt(file, from, digest)) return true;
        return await this.#entry(digest, (bytes) => writeAt(path, from, bytes)) ?? false;
      }));
      if (!fetched.every((isThere) => isThere)) return false;
      file.truncateSync(entry.size);
      await this.#adopt(entry.digest, path);
      return true;
    } catch (error) {
      throw storeError(`keep a fetched file in ${this.store.folder}`, error);
    } finally {
      if (scratch === undefined) removeAll(path);
      if ("lease" in claim) claim.lease.release();
    }
  }

  /** Takes an entry of `cas/` whose bytes are right. */
  #entry<T>(
    digest: ApiDigest,
    take: (bytes: Uint8Array<ArrayBuffer>) => T | Promise<T>,
  ): Promise<T | undefined> {
    return this.#any(digest.hash, digest.sizeBytes, async (bytes) => {
      await requireBytes(bytes, digest);
      return await take(bytes);
    });
  }

  /** Takes an entry of `cas/` from the first cache that gives it. */
  async #any<T>(
    hash: string,
    atMost: number,
    take: (bytes: Uint8Array<ArrayBuffer>) => T | Promise<T>,
  ): Promise<T | undefined> {
    for (const member of this.members) {
      const taken = await member.fetch(`cas/${hash}`, atMost, take);
      if (taken !== undefined) return taken;
    }
    this.#note(`cas/${hash} is gone`);
    return undefined;
  }
}

function isAt(file: Deno.FsFile, from: number, digest: ApiDigest): boolean {
  if (file.statSync().size < from + digest.sizeBytes) return false;
  const bytes = new Uint8Array(digest.sizeBytes);
  file.seekSync(from, Deno.SeekMode.Start);
  for (let at = 0; at < bytes.length;) at += file.readSync(bytes.subarray(at)) ?? bytes.length;
  return sha256Hex(bytes) === digest.hash;
}

/** In another thread, by a handle of its own: several chunks are written at once. */
async function writeAt(path: string, from: number, bytes: Uint8Array): Promise<true> {
  using file = await Deno.open(path, { write: true });
  file.seekSync(from, Deno.SeekMode.Start);
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
  return true;
}
