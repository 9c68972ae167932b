/** The packs of a store (see pack_format.ts): looks entries up, and gives out none that is not right. */
import { digestBytes } from "./digest.ts";
import { problemOf } from "./pack_problem.ts";
import type { StatIndex } from "./stat_index.ts";
import { entriesOf, LAYOUT } from "./layout.ts";
import { isPackName, Pack } from "./pack.ts";
import { type PackedKind, type PackedPlace } from "./pack_format.ts";
import { isNotPlain } from "./plain_file.ts";
import { preciseNow } from "./file_clock.ts";
import { type Settling } from "./settle.ts";
import { StatKey } from "./stat_key.ts";
import type { FileDigest, TreeEntry } from "./types.ts";
import { isMissing } from "../../system/is_there.ts";

/** More packs than this are not held open. */
const MOST_OPEN = 64;

/** An entry and the pack that has it. */
export interface Packed {
  readonly pack: Pack;
  readonly place: PackedPlace;
}

/** Knows what files were found to be, and when that can be believed (see Digester). */
interface Remembering {
  readonly index: StatIndex;
  readonly settling: Settling;
}

export class Packs {
  #packs: Map<string, Pack> | undefined;
  readonly #open = new Set<Pack>();
  /** Called with a pack that has damaged entries; puts a right one in its place, if that can be. */
  onDamage: (pack: Pack) => void = () => {};

  constructor(readonly folder: string, readonly digester: Remembering) {}

  /** All packs, in an order that all processes have. */
  all(): Pack[] {
    return [...this.#loaded().values()];
  }

  /** Learns what other processes have packed since. */
  refresh(): void {
    const known = this.#packs ?? new Map<string, Pack>();
    const packs = new Map<string, Pack>();
    for (const name of entriesOf(`${this.folder}/${LAYOUT.packs}`).filter(isPackName)) {
      const pack = this.#unchanged(known.get(name)) ?? new Pack(`${this.folder}/${LAYOUT.packs}/${name}`);
      if (this.#load(pack)) packs.set(name, pack);
    }
    for (const [name, pack] of known) if (packs.get(name) !== pack) this.#close(pack);
    this.#packs = packs;
  }

  /** The entries of a digest; more than one where two processes have packed the same. */
  find(kind: PackedKind, digest: string): Packed[] {
    const found: Packed[] = [];
    for (const pack of this.#loaded().values()) {
      const place = pack.find(kind, digest);
      if (place !== undefined) found.push({ pack, place });
    }
    return found;
  }

  /**
   * What `parse` makes of an entry; undefined where there is none that is right.
   *
   * @param parse throws where the bytes are not those of the digest
   */
  take<T>(kind: PackedKind, digest: string, parse: (bytes: Uint8Array<ArrayBuffer>) => T): T | undefined {
    const found = this.#take(kind, digest, parse);
    if (found !== "gone") return found?.parsed;
    // A garbage collection has put what stays of that pack into another one.
    this.refresh();
    const again = this.#take(kind, digest, parse);
    return again === "gone" ? undefined : again?.parsed;
  }

  #take<T>(
    kind: PackedKind,
    digest: string,
    parse: (bytes: Uint8Array<ArrayBuffer>) => T,
  ): { parsed: T } | "gone" | undefined {
    let isGone = false;
    for (const { pack, place } of this.find(kind, digest)) {
      const bytes = this.#bytes(pack, place);
      isGone ||= bytes === undefined;
      if (bytes === undefined) continue;
      try {
        return { parsed: parse(bytes) };
      } catch {
        this.onDamage(pack);
      }
    }
    return isGone ? "gone" : undefined;
  }

  /** The bytes of a small blob, checked; undefined where no pack has it. */
  blob(digest: FileDigest): Uint8Array<ArrayBuffer> | undefined {
    return this.take("blob", digest, (bytes) => {
      if (digestBytes(bytes) !== digest) throw new Error("its bytes have another digest");
      return bytes;
    });
  }

  /** The digests of those blobs that packs have, and that are right. */
  rightBlobs(entries: Iterable<Pick<TreeEntry, "digest" | "size">>): Set<FileDigest> {
    const right = new Set<FileDigest>();
    if (this.#loaded().size === 0) return right;
    const keys = new Map<Pack, StatKey | undefined>();
    const learned = new Map<Pack, PackedPlace[]>();
    const readAt = preciseNow();
    for (const { digest, size } of entries) {
      for (const { pack, place } of this.find("blob", digest)) {
        if (!keys.has(pack)) keys.set(pack, this.#look(pack));
        const key = keys.get(pack);
        if (key === undefined || place.size !== size) continue;
        const isKnown = pack.isKnown(place, key);
        if (!isKnown && !this.#isRight(pack, place)) {
          this.onDamage(pack);
          continue;
        }
        right.add(digest);
        if (!isKnown && !learned.has(pack)) learned.set(pack, []);
        if (!isKnown) learned.get(pack)!.push(place);
        break;
      }
    }
    for (const [pack, places] of learned) this.know(pack, places, keys.get(pack)!, readAt);
    return right;
  }

  /** Remembers that entries were found right when the pack was read from `readAt` on, if it is still as it was then. */
  know(pack: Pack, places: Iterable<PackedPlace>, key: StatKey, readAt: number): void {
    const { index, settling } = this.digester;
    if (!settling.trusts(key, readAt) || StatKey.ofLink(pack.path)?.equals(key) !== true) return;
    pack.know(places, key);
    if (pack.indexDigest !== undefined && pack.isAllKnown) {
      index.remember(`${LAYOUT.packs}/${pack.name}`, key, pack.indexDigest as FileDigest);
    }
  }

  /** Remembers a pack that this process has sealed. */
  rememberRight(pack: Pack): void {
    const key = StatKey.ofLink(pack.path);
    if (key !== undefined) this.know(pack, [], key, preciseNow());
  }

  /** Whether an entry is on the disk; what was looked at is noted. */
  isThere(kind: PackedKind, digest: string, looked: Map<Pack, boolean>): boolean {
    return this.find(kind, digest).some(({ pack }) => {
      const known = looked.get(pack) ?? StatKey.ofLink(pack.path) !== undefined;
      looked.set(pack, known);
      return known;
    });
  }

  /** The stat key of a pack of which every entry is known to be right; undefined where that is not known. */
  keyOfRight(pack: Pack): StatKey | undefined {
    const key = this.#look(pack);
    return key && pack.isAllKnown && pack.isSealed && [...pack.places()].every((at) => pack.isKnown(at, key))
      ? key
      : undefined;
  }

  /**
   * Reads all of a pack; undefined where it is missing or damaged.
   *
   * @returns its stat key, where that can be trusted already
   */
  readWhole(name: string): { readonly key?: StatKey } | undefined {
    const pack = this.#loaded().get(name);
    const key = pack && this.#look(pack);
    if (pack === undefined || key === undefined) return undefined;
    const readAt = preciseNow();
    for (const place of pack.places()) {
      if (pack.isKnown(place, key) || this.#isRight(pack, place)) continue;
      this.onDamage(pack);
      return undefined;
    }
    this.know(pack, pack.places(), key, readAt);
    return { key: this.keyOfRight(pack) };
  }

  /** Takes a new pack of this process among the others. */
  add(pack: Pack): void {
    this.#loaded().set(pack.name, pack);
  }

  /** Forgets a pack that this process has removed. */
  forget(pack: Pack): void {
    this.#loaded().delete(pack.name);
    this.#close(pack);
  }

  close(): void {
    for (const pack of this.#open) pack.close();
    this.#open.clear();
    this.#packs = undefined;
  }

  #loaded(): Map<string, Pack> {
    if (this.#packs === undefined) this.refresh();
    return this.#packs!;
  }

  #unchanged(pack: Pack | undefined): Pack | undefined {
    const key = pack && StatKey.ofLink(pack.path);
    return key && pack.isChanged(key) ? undefined : pack;
  }

  #load(pack: Pack): boolean {
    if (pack.isSealed) return true;
    try {
      this.#hold(pack);
      pack.load();
      return true;
    } catch (error) {
      this.#close(pack);
      if (isMissing(error) || isNotPlain(error)) return false;
      throw error;
    }
  }

  /** The stat key of a pack, by which what is known of it is known still. */
  #look(pack: Pack): StatKey | undefined {
    const key = StatKey.ofLink(pack.path);
    if (key?.isFile !== true || pack.indexDigest === undefined) return key?.isFile ? key : undefined;
    const known = this.digester.index.lookup(`${LAYOUT.packs}/${pack.name}`, key);
    if (known === pack.indexDigest && !pack.isAllKnown) pack.know(pack.places(), key);
    return key;
  }

  #isRight(pack: Pack, place: PackedPlace): boolean {
    const bytes = this.#bytes(pack, place);
    return bytes !== undefined && problemOf(place, bytes) === undefined;
  }

  #bytes(pack: Pack, { at, size }: PackedPlace): Uint8Array<ArrayBuffer> | undefined {
    try {
      this.#hold(pack);
      return pack.bytes(at, size);
    } catch (error) {
      if (isMissing(error) || isNotPlain(error)) return undefined;
      throw error;
    }
  }

  /** Keeps the packs open that were read last. */
  #hold(pack: Pack): void {
    if (this.#open.delete(pack) || this.#open.size < MOST_OPEN) return void this.#open.add(pack);
    const [oldest] = this.#open;
    this.#close(oldest);
    this.#open.add(pack);
  }

  #close(pack: Pack): void {
    pack.close();
    this.#open.delete(pack);
  }
}
