/** One pack as it is read: its entries by digest, and which of them are known to be right. */
import { isStale, retryStale } from "../../system/stale.ts";
import {
  decodeIndex,
  END_BYTES,
  idOf,
  indexPlace,
  PACK_HEAD,
  type PackedKind,
  type PackedPlace,
  scanEntries,
} from "./pack_format.ts";
import { openPlain } from "./plain_file.ts";
import { StatKey } from "./stat_key.ts";

/** Opened when it is first read; close it when it is not needed any more. */
export class Pack {
  readonly #places = new Map<string, PackedPlace>();
  /** The ids of entries whose bytes were right while the pack had the stat key `#key`. */
  readonly #right = new Set<string>();
  #key: StatKey | undefined;
  #file: Deno.FsFile | undefined;
  #end = 0;
  #indexDigest: string | undefined;
  /** The stat key under which its entries were learned. */
  #seen: StatKey | undefined;

  /** @param path absolute */
  constructor(readonly path: string) {}

  get name(): string {
    return this.path.slice(this.path.lastIndexOf("/") + 1);
  }

  /** The token of the process that made it. */
  get owner(): string {
    return this.name.slice(0, 36);
  }

  get isSealed(): boolean {
    return this.#indexDigest !== undefined;
  }

  /** The digest of the index of a sealed pack: of all that is in it. */
  get indexDigest(): string | undefined {
    return this.#indexDigest;
  }

  /** Up to where it is known to be entries. */
  get end(): number {
    return this.#end;
  }

  places(): Iterable<PackedPlace> {
    return this.#places.values();
  }

  find(kind: PackedKind, digest: string): PackedPlace | undefined {
    return this.#places.get(idOf({ kind, digest }));
  }

  /**
   * Learns what was appended since it was last called.
   *
   * @throws Deno.errors.NotFound where the pack is gone, and what else the system refuses
   */
  load(): void {
    if (this.isSealed) return;
    // Only whoever opens a file of a network file system is told of its size now.
    this.close();
    const { size } = this.#asked((file) => file.statSync());
    this.#seen = StatKey.ofLink(this.path);
    if (size <= this.#end) return;
    if (this.#loadIndex(size)) return;
    const bytes = this.bytes(this.#end, size - this.#end);
    const { places, end } = scanEntries(bytes, this.#end);
    this.add(places, end);
  }

  /** Takes note of what was appended. */
  add(places: readonly PackedPlace[], end: number): void {
    // The first entry of a digest stays.
    for (const place of places) if (!this.#places.has(idOf(place))) this.#places.set(idOf(place), place);
    this.#end = end;
  }

  /** Takes note of its index, with which it is on the disk now. */
  sealed(indexDigest: string): void {
    this.#indexDigest = indexDigest;
    this.#seen = StatKey.ofLink(this.path);
  }

  /** Whether it was changed other than by an append: who reads it for the first time may find other entries now. */
  isChanged(now: StatKey): boolean {
    return this.#seen?.equals(now) === false && (this.isSealed || now.size <= this.#end);
  }

  /** Bytes of the file, as they are; fewer where it is cut short. */
  bytes(at: number, size: number): Uint8Array<ArrayBuffer> {
    return this.#asked((file) => {
      file.seekSync(at, Deno.SeekMode.Start);
      const bytes = new Uint8Array(size);
      for (let read = 0; read < size;) {
        const count = file.readSync(bytes.subarray(read));
        if (count === null) return bytes.subarray(0, read);
        read += count;
      }
      return bytes;
    });
  }

  /** Is an entry known to be right while the pack has this stat key? */
  isKnown(place: PackedPlace, key: StatKey): boolean {
    return this.#key?.equals(key) === true && this.#right.has(idOf(place));
  }

  /** Remembers that entries are right while the pack has this stat key. */
  know(places: Iterable<PackedPlace>, key: StatKey): void {
    if (this.#key?.equals(key) !== true) this.#right.clear();
    this.#key = key;
    for (const place of places) this.#right.add(idOf(place));
  }

  /** Keeps what is known where this process itself has changed the stat key. */
  grown(before: StatKey, now: StatKey): void {
    if (this.#key?.equals(before)) this.#key = now;
    if (this.#seen?.equals(before)) this.#seen = now;
  }

  get isAllKnown(): boolean {
    return this.#right.size === this.#places.size;
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  /** Asks the open file, which is opened anew where another machine has put one in its place. */
  #asked<T>(question: (file: Deno.FsFile) => T): T {
    return retryStale(() => {
      try {
        return question(this.#file ??= openPlain(this.path));
      } catch (error) {
        if (isStale(error)) this.close();
        throw error;
      }
    });
  }

  #loadIndex(size: number): boolean {
    if (size < PACK_HEAD.length + END_BYTES) return false;
    const at = indexPlace(this.bytes(size - END_BYTES, END_BYTES));
    if (at === undefined || at > size) return false;
    const found = decodeIndex(this.bytes(at, size - at));
    if (found === undefined) return false;
    this.#places.clear();
    this.add(found.places, at);
    this.#indexDigest = found.digest;
    return true;
  }
}

/** Is this the name of a pack? */
export function isPackName(name: string): boolean {
  return /^[0-9a-f-]{36}-\d{1,9}$/.test(name);
}
