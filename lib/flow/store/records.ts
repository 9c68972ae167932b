/** Action records on disk: one checksummed file each, believed only where all of it agrees with its name. */
import { actionKey } from "./manifest.ts";
import { canonicalJson } from "./canonical_json.ts";
import { isActionKey, isFileDigest, isTreeDigest, singleFileDigest } from "./digest.ts";
import { inFolderOf, LAYOUT, namesIn, shardedName } from "./layout.ts";
import { nameProblem } from "./names.ts";
import type { Quarantine } from "./quarantine.ts";
import { recordBytes, recordText } from "./record_text.ts";
import { readIfThere } from "./small_files.ts";
import { DEFLATED_RECORDS, type StoreVersion } from "./store_version.ts";
import { StatKey } from "./stat_key.ts";
import {
  type ActionKey,
  type ActionRecord,
  type Damage,
  type Manifest,
  MANIFEST_SCHEMA,
  type OutputRef,
  type TreeEntry,
} from "./types.ts";

export class Records {
  /** @param version that of the store */
  constructor(readonly folder: string, readonly quarantine: Quarantine, readonly version: StoreVersion) {}

  path(key: ActionKey): string {
    return `${this.folder}/${shardedName(LAYOUT.records, key)}`;
  }

  keys(): Generator<ActionKey> {
    return namesIn(this.folder, LAYOUT.records, isActionKey);
  }

  /** The record of a key; undefined if there is none. A damaged one is quarantined. */
  get(key: ActionKey): ActionRecord | undefined {
    const found = this.read(key);
    return found !== undefined && "what" in found ? void this.setAside(found) : found;
  }

  /** The record of a key, or its damage. */
  read(key: ActionKey): ActionRecord | Damage | undefined {
    const path = this.path(key);
    if (StatKey.ofLink(path)?.isFile !== true) return undefined;
    const bytes = readIfThere(path);
    if (bytes === undefined) return undefined;
    try {
      return parseRecord(key, bytes);
    } catch (error) {
      return { what: "record", digest: key, reason: (error as Error).message };
    }
  }

  /**
   * The text of the record of a key, of which nothing but the checksum is looked at; undefined if there is none.
   *
   * @throws Error where it is damaged
   */
  text(key: ActionKey): string | undefined {
    const bytes = readIfThere(this.path(key));
    return bytes && recordText(bytes);
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
    Deno.writeFileSync(temporary, bytes, { createNew: true, mode: 0o444 });
    const path = this.path(record.key);
    try {
      inFolderOf(path, () => Deno.linkSync(temporary, path));
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) return false;
      throw error;
    } finally {
      Deno.removeSync(temporary);
    }
  }
}

function parseRecord(key: ActionKey, bytes: Uint8Array): ActionRecord {
  return parseRecordText(key, recordText(bytes));
}

/**
 * The record of a key from its canonical JSON, which may come from anywhere.
 *
 * @throws Error where it is none, contradicts itself, or is the record of another key
 */
export function parseRecordText(key: ActionKey, text: string): ActionRecord {
  const record = JSON.parse(text) as ActionRecord;
  if (record.key !== key) throw new Error(`it is the record of ${record.key}`);
  if (record.manifest?.schema !== MANIFEST_SCHEMA) {
    throw new Error(`its schema is ${record.manifest?.schema}`);
  }
  if (actionKey(record.manifest) !== key) throw new Error("its manifest has another key");
  checkOutputs(record.manifest, record.outputs);
  if (typeof record.facts?.started !== "string" || typeof record.facts.ms !== "number") {
    throw new Error("its facts are incomplete");
  }
  return record;
}

function checkOutputs(manifest: Manifest, outputs: ActionRecord["outputs"]): void {
  if (typeof outputs !== "object" || outputs === null) throw new Error("it has no outputs");
  const names = Object.keys(outputs).sort();
  if (canonicalJson(names) !== canonicalJson(manifest.outputs)) {
    throw new Error(`its outputs are ${names.join(", ")}, expected ${manifest.outputs.join(", ")}`);
  }
  for (const name of names) {
    const problem = nameProblem(name) ?? outputProblem(outputs[name]);
    if (problem !== undefined) throw new Error(`its output ${JSON.stringify(name)}: ${problem}`);
  }
}

function outputProblem({ digest, files, bytes, file }: OutputRef): string | undefined {
  if (!isTreeDigest(digest)) return "it has no digest";
  if (!Number.isSafeInteger(files) || files < 0 || !Number.isSafeInteger(bytes) || bytes < 0) {
    return "no sizes";
  }
  if (file === undefined) return undefined;
  if (file.path !== "" || files !== 1 || file.size !== bytes || !isEntry(file)) {
    return "its file entry is invalid";
  }
  return singleFileDigest(file) === digest ? undefined : "its file has another digest";
}

/** Is this an entry of a tree, its path aside? */
export function isEntry(entry: TreeEntry): boolean {
  return typeof entry === "object" && entry !== null && typeof entry.path === "string" &&
    isFileDigest(entry.digest) && Number.isSafeInteger(entry.size) && entry.size >= 0 &&
    (entry.executable === undefined || entry.executable === true);
}
