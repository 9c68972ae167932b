/** Puts a part of some packs into a new one, or what is right of a damaged one. */
import { storeError } from "./io.ts";
import { LAYOUT } from "./layout.ts";
import type { Pack } from "./pack.ts";
import { idOf, PACK_BYTES, type PackedPlace, type PackEntry } from "./pack_format.ts";
import { problemOf } from "./pack_problem.ts";
import { PackWriter } from "./pack_writer.ts";
import type { StoreParts } from "./parts.ts";
import { isNotPlain } from "./plain_file.ts";
import { StoreError } from "./types.ts";
import { isMissing } from "../../system/is_there.ts";

type PackedStore = Pick<StoreParts, "packs" | "quarantine" | "newPack" | "leases" | "removals">;

/** Whether the pack is there and nobody appends to it any more: all that was appended is known then. */
export function isAtRest(store: Pick<StoreParts, "leases">, pack: Pack): boolean {
  if (pack.isSealed) return true;
  if (!store.leases.isBuried(pack.owner)) return false;
  try {
    // Its process may have appended more, and an index, since it was looked at.
    pack.load();
    return true;
  } catch (error) {
    if (isMissing(error) || isNotPlain(error)) return false;
    throw error;
  }
}

/**
 * A new pack with the entries of others that are right and to be kept, each once; it is on the disk when this returns.
 *
 * @returns undefined where nothing is kept
 * @throws what the system refuses; nothing is left of the new pack then
 */
export function copyPacks(
  store: PackedStore,
  packs: readonly Pack[],
  isKept: (place: PackedPlace) => boolean,
): Pack | undefined {
  let writer: PackWriter | undefined;
  const copied = new Set<string>();
  let entries: PackEntry[] = [];
  let bytes = 0;
  const write = () => {
    if (entries.length === 0) return;
    writer ??= new PackWriter(store.newPack());
    writer.append(entries, () => false);
    [entries, bytes] = [[], 0];
  };
  try {
    for (const pack of packs) {
      for (const place of pack.places()) {
        if (copied.has(idOf(place)) || !isKept(place)) continue;
        const read = pack.bytes(place.at, place.size);
        if (problemOf(place, read) !== undefined) continue;
        copied.add(idOf(place));
        entries.push({ kind: place.kind, digest: place.digest, time: place.time, bytes: read });
        bytes += read.length;
        if (bytes >= PACK_BYTES / 8) write();
      }
    }
    write();
    writer?.seal();
    if (writer !== undefined) store.packs.add(writer.pack);
    return writer?.pack;
  } catch (error) {
    if (writer !== undefined) store.removals.remove(writer.pack.path);
    throw error;
  } finally {
    writer?.close();
  }
}

/** Packs that could not be mended, and are not tried again. */
const beyondMending = new WeakSet<Pack>();

/**
 * Quarantines a pack with damaged entries once all others are in a new one. Where that can't be, since the disk is full or may
 * only be read, the damaged entries stay, and are passed over whenever they are read.
 */
export function mendPack(store: PackedStore, pack: Pack, dropped: ReadonlySet<string> = new Set()): void {
  if (!isAtRest(store, pack) || beyondMending.has(pack)) return;
  try {
    copyPacks(store, [pack], (place) => !dropped.has(idOf(place)));
    const reason = "some of its bytes are not what was written";
    store.quarantine.set(`${LAYOUT.packs}/${pack.name}`, { what: "pack", digest: pack.name, reason });
    store.packs.forget(pack);
  } catch (error) {
    if (!(storeError("mend a pack", error) instanceof StoreError)) throw error;
    beyondMending.add(pack);
  }
}
