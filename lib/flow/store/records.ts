/** Action records: a checksummed file each, or an entry of a pack where it is an item's (see pack_format.ts). */
import { canonicalJson } from "./canonical_json.ts";
import { isActionKey } from "./digest.ts";
import { flushed } from "./late_refusals.ts";
import { inFolderOf, LAYOUT, namesIn, removeAll, shardedName } from "./layout.ts";
import type { Packs } from "./packs.ts";
import { parseRecord } from "./parse_record.ts";
import { isNotPlain } from "./plain_file.ts";
import type { Quarantine } from "./quarantine.ts";
import { recordBytes, recordText } from "./record_text.ts";
import { readIfThere } from "./small_files.ts";
import { DEFLATED_RECORDS, type StoreVersion } from "./store_version.ts";
import { retryStale } from "../../system/stale.ts";
import { StatKey } from "./stat_key.ts";
import type { ActionKey, ActionRecord, Damage } from "./types.ts";

export class Records {
  /** @param version that of the store */
  constructor(
    readonly folder: string,
    readonly quarantine: Quarantine,
    readonly version: StoreVersion,
    readonly packs: Packs,
  ) {}

  /** Where the record of a key is, unless it is in a pack. */
  path(key: ActionKey): string {
    return `${this.folder}/${shardedName(LAYOUT.records, key)}`;
  }

  /** All keys, each once. */
  *keys(): Generator<ActionKey> {
    const seen = new Set<ActionKey>();
    for (const key of this.files()) {
      seen.add(key);
      yield key;
    }
    for (const key of this.packed()) {
      if (seen.has(key)) continue;
      seen.add(key);
      yield key;
    }
  }

  /** The keys of records that are files. */
  files(): Generator<ActionKey> {
    return namesIn(this.folder, LAYOUT.records, isActionKey);
  }

  /** The keys of records in packs. */
  *packed(): Generator<ActionKey> {
    for (const pack of this.packs.all()) {
      for (const { kind, digest } of pack.places()) if (kind === "record") yield digest as ActionKey;
    }
  }

  /** The record of a key; undefined if there is none. A damaged one is quarantined. */
  get(key: ActionKey): ActionRecord | undefined {
    const found = this.readFile(key);
    if (found !== undefined && "what" in found) this.setAside(found);
    else if (found !== undefined) return found;
    return this.getPacked(key);
  }

  /** The record of a key in a pack. */
  getPacked(key: ActionKey): ActionRecord | undefined {
    return this.packs.take("record", key, (bytes) => parseRecord(key, bytes));
  }

  /** The record of a key, or its damage. */
  read(key: ActionKey): ActionRecord | Damage | undefined {
    return this.readFile(key) ?? this.getPacked(key);
  }

  /** The record of a key that is a file, or its damage. */
  readFile(key: ActionKey): ActionRecord | Damage | undefined {
    const damaged = (reason: string): Damage => ({ what: "record", digest: key, reason });
    let bytes: Uint8Array | undefined;
    try {
      bytes = readIfThere(this.path(key));
    } catch (error) {
      // Left there, it would be neither read nor replaced.
      if (isNotPlain(error)) return damaged("it is not a regular file");
      throw error;
    }
    if (bytes === undefined) return undefined;
    try {
      return parseRecord(key, bytes);
    } catch (error) {
      return damaged((error as Error).message);
    }
  }

  /**
   * The text of the record of a key, of which nothing but the checksum is looked at; undefined if there is none.
   *
   * @throws Error where it is damaged
   */
  text(key: ActionKey): string | undefined {
    const bytes = readIfThere(this.path(key));
    return bytes === undefined ? this.packs.take("record", key, recordText) : recordText(bytes);
  }

  /** When the record of a key was kept, in milliseconds since 1970; undefined if there is none. */
  keptAt(key: ActionKey): number | undefined {
    return StatKey.ofLink(this.path(key))?.modifiedAt ?? this.packs.find("record", key)[0]?.place.time;
  }

  setAside(damage: Damage): Damage {
    return this.quarantine.set(shardedName(LAYOUT.records, damage.digest), damage);
  }

  /**
   * Writes a record atomically; the first one of a key stays.
   *
   * @param temporary a path on the store's file system at which nothing is
   * @returns false where another one was there already
   */
  add(record: ActionRecord, temporary: string): boolean {
    const { bytes, isDeflated } = recordBytes(canonicalJson(record));
    if (isDeflated) this.version.require(DEFLATED_RECORDS);
    const path = this.path(record.key);
    try {
      Deno.writeFileSync(temporary, bytes, { createNew: true, mode: 0o444 });
      flushed(temporary);
      inFolderOf(path, () => retryStale(() => Deno.linkSync(temporary, path)));
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) return false;
      throw error;
    } finally {
      removeAll(temporary);
    }
  }
}
