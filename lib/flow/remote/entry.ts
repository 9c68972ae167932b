/** The entry of a result under `ac/`: an `ActionResult` that names its files, with our record and its signature attached. */

import { canonicalJson } from "../store/canonical_json.ts";
import { isFileDigest } from "../store/digest.ts";
import { parseRecordText } from "../store/parse_record.ts";
import type { ActionKey, ActionRecord, Facts } from "../store/types.ts";
import { type ApiResult, attachedTo, encodeResult } from "./action_result.ts";
import { CacheError } from "./server.ts";
import { isSignedBy, type Signer } from "./signature.ts";

const RECORD = "protoflow/record";
const SIGNATURE = "protoflow/signature";

/** The bytes of the entry of a record. */
export async function writeEntry(
  record: ActionRecord,
  files: Omit<ApiResult, "attached">,
  signer: Signer | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const text = new TextEncoder().encode(canonicalJson(record));
  const attached = { [RECORD]: text, ...(signer && { [SIGNATURE]: await signer.sign(text) }) };
  return encodeResult({ ...files, attached });
}

/**
 * The record in an entry; what it says of itself is checked, and none of its files.
 *
 * @param trusted the public keys of which one must have signed it; none where entries need no signature
 * @throws CacheError where it is none of `key`, or not signed as it must be
 */
export async function readEntry(
  key: ActionKey,
  bytes: Uint8Array,
  trusted: readonly string[],
): Promise<ActionRecord> {
  const refuse = (problem: string) => new CacheError(`ac/${key}: ${problem}`);
  let attached: ReturnType<typeof attachedTo>;
  try {
    attached = attachedTo(bytes);
  } catch {
    throw refuse("it is no ActionResult");
  }
  const text = attached[RECORD];
  if (text === undefined) throw refuse("it has no record of protoflow");
  // The text has the key in it, so that a signed record of another key is no record of this one.
  if (trusted.length > 0 && !await isSignedBy(trusted, text, attached[SIGNATURE])) {
    throw refuse("it is not signed by one of the trusted keys");
  }
  try {
    const record = parseRecordText(key, new TextDecoder("utf-8", { fatal: true }).decode(text));
    const { manifest, outputs } = record;
    return { key, manifest, outputs, facts: checkedFacts(record.facts) };
  } catch (error) {
    throw refuse((error as Error).message);
  }
}

const isText = (value: unknown) => typeof value === "string" && value.length <= 1000;
const isAmount = (value: unknown) => Number.isFinite(value) && (value as number) >= 0;
const oneOf = (...known: unknown[]) => (value: unknown) => known.includes(value);
const isHex = (value: unknown) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value);

/** By fact; those that are not known here are left out. */
const FACTS: Readonly<Record<keyof Facts, (value: unknown) => boolean>> = {
  started: (value) => isText(value) && !Number.isNaN(Date.parse(value as string)),
  ms: isAmount,
  cpuMs: isAmount,
  peakMemoryBytes: isAmount,
  device: isText,
  host: isText,
  run: isText,
  attempts: isAmount,
  inputs: oneOf("isolated", "compared"),
  notIsolated: isText,
  state: oneOf("passed", "milestone"),
  endState: isHex,
  ended: oneOf("pruned", "failed"),
  log: isFileDigest,
};

function checkedFacts(facts: Facts): Facts {
  const checked = Object.entries(FACTS).flatMap(([name, isLegal]) => {
    const value = facts[name as keyof Facts];
    if (value === undefined) return [];
    if (!isLegal(value)) throw new Error(`its fact ${name} is ${JSON.stringify(value).slice(0, 60)}`);
    return [[name, value]];
  });
  return Object.fromEntries(checked);
}
