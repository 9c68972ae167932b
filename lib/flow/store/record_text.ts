/** The bytes of a record's file: a line with a checksum, then the record's JSON, deflated where it is long. */
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { sha256Hex } from "./digest.ts";

/** Of a record as plain text: all that stores of version 1 have. */
const PLAIN = "protoflow record 1 ";
/** Of a record that is deflated; the checksum is that of the deflated bytes. */
const DEFLATED = "protoflow record 2 ";
const BODY_AT = PLAIN.length + 64 + 1;
/** A longer text is mostly the versions of a kind's packages, which every item of a task repeats. */
const LONG = 2048;
/** Finds repetitions within 8 KiB. The default window of 32 KiB saves nothing more, and takes time to be set up. */
const OPTIONS = { level: 6, windowBits: 13, memLevel: 6 };

/** What is written for a record. */
export interface RecordBytes {
  readonly bytes: Uint8Array;
  readonly isDeflated: boolean;
}

export function recordBytes(text: string): RecordBytes {
  const plain = new TextEncoder().encode(text);
  const isDeflated = plain.length > LONG;
  const body = isDeflated ? deflateRawSync(plain, OPTIONS) : plain;
  const bytes = new Uint8Array(BODY_AT + body.length);
  new TextEncoder().encodeInto(`${isDeflated ? DEFLATED : PLAIN}${sha256Hex(body)}\n`, bytes);
  bytes.set(body, BODY_AT);
  return { bytes, isDeflated };
}

/** @throws Error where the bytes are not those that were written */
export function recordText(bytes: Uint8Array): string {
  const head = new TextDecoder().decode(bytes.subarray(0, BODY_AT));
  const body = bytes.subarray(BODY_AT);
  const sum = `${sha256Hex(body)}\n`;
  if (head !== PLAIN + sum && head !== DEFLATED + sum) throw new Error("its checksum is wrong");
  const plain = head.startsWith(DEFLATED) ? inflateRawSync(body) : body;
  return new TextDecoder("utf-8", { fatal: true }).decode(plain);
}
