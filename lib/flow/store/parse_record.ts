/** Reads the text of a record, which is believed only where all of it agrees with its key. */
import { actionKey } from "./manifest.ts";
import { canonicalJson } from "./canonical_json.ts";
import { isFileDigest, isTreeDigest, singleFileDigest } from "./digest.ts";
import { nameProblem } from "./names.ts";
import { recordText } from "./record_text.ts";
import {
  type ActionKey,
  type ActionRecord,
  type Manifest,
  MANIFEST_SCHEMA,
  type OutputRef,
  type TreeEntry,
} from "./types.ts";

/** The record of a key from the bytes of its file. @throws Error where they are damaged */
export function parseRecord(key: ActionKey, bytes: Uint8Array): ActionRecord {
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
