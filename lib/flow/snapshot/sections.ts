/** A file of named columns: bytes that are used where they lie, without parsing; refused unless they are whole. */
import { sha256Hex } from "../store/digest.ts";
import { replaceFile } from "../store/replace_file.ts";
import { readHint } from "../store/small_files.ts";

export type Sections = Map<string, Uint8Array<ArrayBuffer>>;

const MAGIC = "protoflow columns 1 ";
const HEAD_BYTES = MAGIC.length + 64 + 1;
/** So that columns of 32-bit words can be used in place. */
const ALIGNMENT = 8;

/** Writes sections atomically: after the magic and a checksum a directory of `[name, length]`, then their bytes. */
export function writeSections(path: string, sections: Sections): void {
  const directory = new TextEncoder().encode(
    JSON.stringify([...sections].map(([name, bytes]) => [name, bytes.length])),
  );
  let length = aligned(HEAD_BYTES + 4 + directory.length);
  for (const bytes of sections.values()) length = aligned(length + bytes.length);
  const file = new Uint8Array(length);
  new DataView(file.buffer).setUint32(HEAD_BYTES, directory.length, true);
  file.set(directory, HEAD_BYTES + 4);
  let at = aligned(HEAD_BYTES + 4 + directory.length);
  for (const bytes of sections.values()) {
    file.set(bytes, at);
    at = aligned(at + bytes.length);
  }
  new TextEncoder().encodeInto(`${MAGIC}${sha256Hex(file.subarray(HEAD_BYTES))}\n`, file);
  replaceFile(path, file);
}

/** Undefined where there is no such file, or it is torn or damaged. */
export function readSections(path: string): Sections | undefined {
  const file = readHint(path);
  if (file === undefined || file.length < HEAD_BYTES + 4) return undefined;
  const head = new TextDecoder().decode(file.subarray(0, HEAD_BYTES));
  if (head !== `${MAGIC}${sha256Hex(file.subarray(HEAD_BYTES))}\n`) return undefined;
  const directoryLength = new DataView(file.buffer).getUint32(HEAD_BYTES, true);
  const directory = JSON.parse(
    new TextDecoder().decode(file.subarray(HEAD_BYTES + 4, HEAD_BYTES + 4 + directoryLength)),
  ) as [string, number][];
  const sections: Sections = new Map();
  let at = aligned(HEAD_BYTES + 4 + directoryLength);
  for (const [name, length] of directory) {
    sections.set(name, file.subarray(at, at + length));
    at = aligned(at + length);
  }
  return sections;
}

/** A column of words as bytes, and back. */
export function bytesOf(words: Uint32Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}

export function wordsOf(bytes: Uint8Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

function aligned(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}
