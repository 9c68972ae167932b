/** Takes out of packs what is not needed: the rest of such a pack goes to a new one, and small packs are put together. */
import { storeError } from "./io.ts";
import type { Pack } from "./pack.ts";
import { idOf, PACK_BYTES, type PackedPlace } from "./pack_format.ts";
import type { StoreParts } from "./parts.ts";
import { copyPacks, isAtRest } from "./rewrite_packs.ts";
import { StoreError } from "./types.ts";

/** Packs that are smaller are put together. */
const SMALL_BYTES = 1 << 20;

/**
 * A kill in between leaves entries that two packs have. Packs that others append to are left alone.
 *
 * @param dropped the ids of entries that go (see `idOf`)
 * @param remove removes a file, if that may be done still
 * @returns why something stays, for people
 */
export function sweepPacks(
  store: StoreParts,
  dropped: ReadonlySet<string>,
  remove: (path: string) => boolean,
): string[] {
  const isKept = (place: PackedPlace) => !dropped.has(idOf(place));
  const packs = store.packs.all().filter((pack) => isAtRest(store, pack));
  const loses = packs.filter((pack) => [...pack.places()].some((place) => !isKept(place)));
  const small = packs.filter((pack) => pack.end < SMALL_BYTES && !loses.includes(pack));
  const swept = loses.length + small.length > 1 ? [...loses, ...small] : loses;
  for (const group of groupsOf(swept, isKept)) {
    try {
      copyPacks(store, group, isKept);
    } catch (error) {
      const refused = storeError("write what stays of packs", error);
      if (!(refused instanceof StoreError)) throw error;
      return [`kept packs as they are: ${refused.message}`];
    }
    for (const pack of group) if (remove(pack.path)) store.packs.forget(pack);
  }
  return [];
}

/** What goes into one new pack. */
function groupsOf(packs: readonly Pack[], isKept: (place: PackedPlace) => boolean): Pack[][] {
  const groups: Pack[][] = [];
  let bytes = Infinity;
  for (const pack of packs) {
    const kept = [...pack.places()].filter(isKept).reduce((sum, { size }) => sum + size, 0);
    if (bytes + kept > PACK_BYTES) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)!.push(pack);
    bytes += kept;
  }
  return groups;
}
