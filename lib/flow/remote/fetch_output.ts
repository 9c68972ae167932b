/** Fetches the files of an output into the store. Nothing is put there that has not the digest it is asked by. */

import { freeSpace } from "../free_space.ts";
import { CHUNK_BYTES, digestBytes, sha256Hex } from "../store/digest.ts";
import { storeError } from "../store/io.ts";
import { flushed } from "../store/late_refusals.ts";
import { LAYOUT, makeFolder, removeAll } from "../store/layout.ts";
import { PACKED_UP_TO_BYTES } from "../store/pack_format.ts";
import type { ToPack } from "../store/parts.ts";
import { parseTree } from "../store/parse_tree.ts";
import { clearPlace } from "../store/plain_file.ts";
import { preciseNow } from "../store/file_clock.ts";
import { StatKey } from "../store/stat_key.ts";
import type { Store } from "../store/store.ts";
import type { Artifact, FileDigest, OutputRef, TreeEntry } from "../store/types.ts";
import type { ApiDigest } from "./action_result.ts";
import { ChunkThreads } from "./chunk_threads.ts";
import {
  chunkListDigest,
  chunksOf,
  hexOf,
  isChunked,
  readChunkList,
  requireBytes,
  requireRight,
  requireSize,
} from "./chunks.ts";
import type { Member } from "./member.ts";
import { CacheError } from "./server.ts";
import { SpareBytes } from "./spare_bytes.ts";

/** A list of files has at most so many bytes for each, and in all. */
const LIST_BYTES_A_FILE = 8 << 10;
const MOST_LIST_BYTES = 256 << 20;

/** The room for so many bytes is looked for before they are fetched. */
const ASK_FROM_BYTES = 1 << 20;

const EMPTY = digestBytes(new Uint8Array());

/** Whether the store has a file; its bytes where they are yet to be kept. */
type Came = boolean | Uint8Array;

/** Files that are on their way, by digest. */
export type ComingFiles = Map<string, Promise<Came>>;

/** What came and is small: it goes into a pack, together with what comes at the same moment. */
export type Unkept = ToPack["files"];

export class OutputFetcher {
  readonly #spare = new SpareBytes();

  /** @param members the caches to ask, in this order */
  constructor(
    readonly store: Store,
    readonly members: readonly Member[],
    readonly coming: ComingFiles = new Map(),
  ) {}

  /**
   * Fetches an output.
   *
   * @returns the store has the whole output once it has these, too; undefined where it can't be had
   * @throws StoreError where the store can't be written to
   */
  async fetch(output: OutputRef): Promise<Unkept | undefined> {
    const unkept: Unkept[number][] = [];
    const artifact = this.store.artifact(output) ?? await this.#tree(output, unkept);
    if (artifact === undefined || !this.#agrees(artifact, output)) return undefined;
    const lacking = await this.#lacking(artifact.entries);
    const bytes = lacking.reduce((sum, { size }) => sum + size, 0);
    if (bytes >= ASK_FROM_BYTES && bytes > (freeSpace(this.store.folder)?.free ?? Infinity)) {
      return void this.#note(`the disk has no room for ${bytes} bytes`);
    }
    const came = await Promise.all(lacking.map((entry) => this.#bring(entry)));
    if (came.includes(false)) return undefined;
    lacking.forEach(({ digest }, i) => {
      const bytes = came[i];
      if (typeof bytes !== "boolean") unkept.push({ kind: "blob", digest, bytes });
    });
    return unkept;
  }

  /** Those files that the store has not, each once. */
  async #lacking(entries: readonly TreeEntry[]): Promise<readonly TreeEntry[]> {
    const damage = await this.store.blobs.checkKnown(entries);
    const lacking = new Set<string>(damage.map(({ digest }) => digest));
    return entries.filter(({ digest }) => lacking.delete(digest));
  }

  /** Fetches a log, of which no record says how long it is. */
  async log(digest: FileDigest): Promise<void> {
    // One in chunks is not sent.
    if (isChunked({ digest }) || await this.store.fileOf(digest) !== undefined) return;
    await this.#any(hexOf(digest), (member, path) =>
      member.fetch(path, CHUNK_BYTES, (bytes) => {
        requireBytes(bytes, { hash: digest, sizeBytes: bytes.length });
        return this.#put(digest, bytes);
      }));
  }

  #bring(entry: Pick<TreeEntry, "digest" | "size">): Promise<Came> {
    const coming = this.coming.get(entry.digest);
    if (coming !== undefined) return coming;
    const file = this.#bringNow(entry).finally(() => this.coming.delete(entry.digest));
    this.coming.set(entry.digest, file);
    return file;
  }

  async #bringNow(entry: Pick<TreeEntry, "digest" | "size">): Promise<Came> {
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

  async #tree({ digest, files }: OutputRef, unkept: Unkept[number][]): Promise<Artifact | undefined> {
    const atMost = Math.min(MOST_LIST_BYTES, (files + 1) * LIST_BYTES_A_FILE);
    return await this.#any(digest, (member, path) =>
      member.fetch(path, atMost, (bytes) => {
        requireBytes(bytes, { hash: digest, sizeBytes: bytes.length });
        const found = parseTree(digest, bytes);
        if ("what" in found) throw new CacheError(`the list of files ${digest}: ${found.reason}`);
        unkept.push({ kind: "tree", digest, bytes });
        return found;
      }));
  }

  async #shortFile({ digest, size }: Pick<TreeEntry, "digest" | "size">): Promise<Came> {
    // A server need not keep a file without bytes.
    const bytes = size === 0 && digest === EMPTY
      ? new Uint8Array()
      : await this.#entry({ hash: hexOf(digest), sizeBytes: size }, (bytes) => bytes);
    if (bytes === undefined) return false;
    if (bytes.length <= PACKED_UP_TO_BYTES) return bytes;
    this.#put(digest, bytes);
    this.#spare.give(bytes);
    return true;
  }

  #put(digest: TreeEntry["digest"], bytes: Uint8Array): true {
    try {
      this.store.blobs.put(bytes, this.store.temporary(), digest);
      return true;
    } catch (error) {
      throw storeError(`keep a fetched file in ${this.store.folder}`, error);
    }
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
      clearPlace(path);
      using file = Deno.openSync(path, { read: true, write: true, create: true });
      using threads = new ChunkThreads(chunks.length);
      const fetched = await Promise.all(chunks.map(async ({ from, size }, i) => {
        const digest = { hash: hashes[i], sizeBytes: size };
        if (isAt(file, from, digest)) return true;
        return await this.#file(digest, async (bytes) => {
          requireSize(bytes, digest);
          const written = await threads.write({ path, from, hash: digest.hash, bytes });
          this.#spare.give(written.bytes);
          requireRight(written.isRight, digest);
          return true;
        }) ?? false;
      }));
      if (!fetched.every((isThere) => isThere)) return false;
      file.truncateSync(entry.size);
      flushed(path);
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
    return this.#file(digest, async (bytes) => {
      requireBytes(bytes, digest);
      return await take(bytes);
    });
  }

  /** Takes an entry of `cas/` of which the size is known, from the first cache that gives it. */
  #file<T>(
    { hash, sizeBytes }: ApiDigest,
    take: (bytes: Uint8Array<ArrayBuffer>) => T | Promise<T>,
  ): Promise<T | undefined> {
    return this.#any(hash, (member, path) => member.fetchFile(path, sizeBytes, this.#spare, take));
  }

  async #any<T>(
    hash: string,
    ask: (member: Member, path: string) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    const path = `cas/${hash}`;
    for (const member of this.members) {
      const taken = await ask(member, path);
      if (taken !== undefined) return taken;
    }
    this.#note(`${path} is gone`);
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
