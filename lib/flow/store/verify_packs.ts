/** Verifies packs: every entry against its digest, every line and the index against each other. */
import { entriesOf, LAYOUT } from "./layout.ts";
import { isPackName, type Pack } from "./pack.ts";
import { isTorn, type PackedPlace, scanEntries } from "./pack_format.ts";
import { problemOf } from "./pack_problem.ts";
import type { StoreParts } from "./parts.ts";
import { isAtRest, mendPack } from "./rewrite_packs.ts";
import { preciseNow } from "./file_clock.ts";
import { StatKey } from "./stat_key.ts";
import type { Damage } from "./types.ts";
import { isMissing } from "../../system/is_there.ts";

/** Reads all packs; what is right of a damaged one is put into a new one. */
export function verifyPacks(store: StoreParts): Damage[] {
  store.packs.refresh();
  const damage = store.packs.all().flatMap((pack) => {
    try {
      return verifyPack(store, pack);
    } catch (error) {
      // A garbage collection may have removed it since it was listed.
      if (isMissing(error)) return [];
      throw error;
    }
  });
  return [...damage, ...noFiles(store)];
}

/** What has the name of a pack, and is no file. */
function noFiles({ folder, quarantine }: StoreParts): Damage[] {
  return entriesOf(`${folder}/${LAYOUT.packs}`).filter(isPackName).flatMap((name) => {
    if (StatKey.ofLink(`${folder}/${LAYOUT.packs}/${name}`)?.isFile !== false) return [];
    const damage: Damage = { what: "pack", digest: name, reason: "it is not a regular file" };
    return [quarantine.set(`${LAYOUT.packs}/${name}`, damage)];
  });
}

function verifyPack(store: StoreParts, pack: Pack): Damage[] {
  const isWhole = isAtRest(store, pack);
  const key = StatKey.ofLink(pack.path);
  if (key === undefined) return [];
  const readAt = preciseNow();
  const damage = [...pack.places()].flatMap((place): Damage[] => {
    const reason = problemOf(place, pack.bytes(place.at, place.size));
    return reason === undefined ? [] : [{ what: place.kind, digest: place.digest, reason }];
  });
  const reason = isWhole ? structureProblem(pack, key.size) : undefined;
  if (reason !== undefined) damage.push({ what: "pack", digest: pack.name, reason });
  if (damage.length > 0) mendPack(store, pack);
  else store.packs.know(pack, pack.places(), key, readAt);
  return damage;
}

function structureProblem(pack: Pack, size: number): string | undefined {
  const { places, end } = scanEntries(pack.bytes(0, pack.end), 0);
  const listed = [...pack.places()];
  const isSame = (a: PackedPlace | undefined, b: PackedPlace) =>
    a?.kind === b.kind && a.digest === b.digest && a.at === b.at && a.size === b.size && a.time === b.time;
  if (
    end !== pack.end || places.length !== listed.length ||
    !listed.every((place, i) => isSame(places[i], place))
  ) {
    return "the lines of its entries are not what its index says";
  }
  if (pack.isSealed || size === end || isTorn(pack.bytes(end, size - end))) return undefined;
  return `what it has from byte ${end} on is no entry, and no index`;
}
