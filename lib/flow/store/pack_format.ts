/**
 * A pack: one file with the records, trees and small blobs of many items, so that a study of a million items is some hundred
 * files.
 *
 *     protoflow pack 1
 *     blob <digest> <bytes> <time>      a line, and behind it as many bytes as it says
 *     tree <digest> <bytes> <time>
 *     record <key> <bytes> <time>       the bytes of a record's file (see record_text.ts)
 *     …
 *     index <sha256> <bytes>            for each entry: kind, digest, place, bytes, time
 *     end <place of the index>
 *
 * Its life: one process makes it, under a name that begins with its token, and appends to it alone. What is appended counts at
 * once: a result of an item is its blobs, its trees and at last its record in one piece, and a reader takes entries up to the
 * first that is not whole. So a kill at any instant leaves a pack that is right as it is. A pack that is full, or whose process
 * ends, is sealed: the index is appended and the file is flushed to the disk. From then on it never changes. Where the process
 * was killed, the next one that packs seals it.
 *
 * The index saves reading the whole file and is believed only by its checksum; without it the lines of the entries are read one
 * after the other. The bytes of an entry are checked each time they are read, or known to be right by the stat key of the pack,
 * as a blob is by its own. A sealed pack with a damaged entry is quarantined, and what is right in it goes to a new pack; so does,
 * in a garbage collection, what is needed of a pack in which something is not.
 */
import { joinBytes } from "../../system/join_bytes.ts";
import { sha256Hex } from "./digest.ts";

const KINDS = ["blob", "tree", "record"] as const;
export type PackedKind = typeof KINDS[number];

/** What a pack has, and where. */
export interface PackedPlace {
  readonly kind: PackedKind;
  /** A digest or a key: 64 hex digits. */
  readonly digest: string;
  /** The offset of its bytes. */
  readonly at: number;
  readonly size: number;
  /** When it was kept, in milliseconds since 1970. */
  readonly time: number;
}

export type PackEntry = Omit<PackedPlace, "at" | "size"> & { readonly bytes: Uint8Array };

export const PACK_HEAD = new TextEncoder().encode("protoflow pack 1\n");
/** A longer blob stays a file: to open one is then a small part of the time to read it. */
export const PACKED_UP_TO_BYTES = 64 << 10;
/** A pack of this size is sealed. A garbage collection writes at most so many bytes before it removes some. */
export const PACK_BYTES = 64 << 20;

const LINE = /^(blob|tree|record) ([0-9a-f]{64}) (\d{1,10}) (\d{1,15})\n/;
const INDEX_LINE = /^index ([0-9a-f]{64}) (\d{1,10})\n/;
const LONGEST_LINE = 110;
/** The words with which lines before the end begin, and a line that has one but no end. */
const WORDS = [...KINDS, "index"];
const CUT_LINE = /^(blob|tree|record|index) ([0-9a-f]{0,64}|[0-9a-f]{64} \d{0,10}( \d{0,15})?)$/;
const END = /^end (\d{10})\n$/;
export const END_BYTES = 15;
/** Kind, digest, place and size of four bytes each, time. */
const ROW_BYTES = 1 + 32 + 4 + 4 + 8;

/** What an entry is found by. */
export function idOf({ kind, digest }: Pick<PackedPlace, "kind" | "digest">): string {
  return `${kind} ${digest}`;
}

const encoder = new TextEncoder();
const latin1 = new TextDecoder("latin1");

/** The bytes to append for entries, and where they will be in a pack of `end` bytes. */
export function encodeEntries(
  entries: readonly PackEntry[],
  end: number,
): { bytes: Uint8Array; places: PackedPlace[] } {
  const parts: Uint8Array[] = [];
  const places: PackedPlace[] = [];
  let at = end;
  for (const { kind, digest, bytes, time } of entries) {
    const line = encoder.encode(`${idOf({ kind, digest })} ${bytes.length} ${time}\n`);
    parts.push(line, bytes);
    places.push({ kind, digest, at: at + line.length, size: bytes.length, time });
    at += line.length + bytes.length;
  }
  return { bytes: joinBytes(parts), places };
}

/** What seals a pack of `end` bytes, and the digest of the index. */
export function encodeIndex(
  places: readonly PackedPlace[],
  end: number,
): { bytes: Uint8Array; digest: string } {
  const rows = new DataView(new ArrayBuffer(places.length * ROW_BYTES));
  const bytes = new Uint8Array(rows.buffer);
  places.forEach(({ kind, digest, at, size, time }, i) => {
    const row = i * ROW_BYTES;
    rows.setUint8(row, KINDS.indexOf(kind));
    bytes.set(Uint8Array.fromHex(digest), row + 1);
    rows.setUint32(row + 33, at);
    rows.setUint32(row + 37, size);
    rows.setFloat64(row + 41, time);
  });
  const digest = sha256Hex(bytes);
  const line = encoder.encode(`index ${digest} ${bytes.length}\n`);
  const last = encoder.encode(`end ${String(end).padStart(10, "0")}\n`);
  return { bytes: joinBytes([line, bytes, last]), digest };
}

/** Where the index is, by the last bytes of a pack; undefined where it is not sealed. */
export function indexPlace(last: Uint8Array): number | undefined {
  const at = END.exec(latin1.decode(last))?.[1];
  return at === undefined ? undefined : Number(at);
}

/** The index of a pack, from its line to the end of the file; undefined where it is damaged. */
export function decodeIndex(bytes: Uint8Array): { places: PackedPlace[]; digest: string } | undefined {
  const line = INDEX_LINE.exec(latin1.decode(bytes.subarray(0, LONGEST_LINE)));
  if (line === null) return undefined;
  const [{ length }, digest, size] = line;
  const rows = bytes.subarray(length, length + Number(size));
  const isWhole = bytes.length === length + Number(size) + END_BYTES && rows.length % ROW_BYTES === 0;
  if (!isWhole || sha256Hex(rows) !== digest) return undefined;
  const view = new DataView(rows.buffer, rows.byteOffset, rows.length);
  const places = Array.from({ length: rows.length / ROW_BYTES }, (_, i): PackedPlace => {
    const row = i * ROW_BYTES;
    return {
      kind: KINDS[view.getUint8(row)],
      digest: rows.subarray(row + 1, row + 33).toHex(),
      at: view.getUint32(row + 33),
      size: view.getUint32(row + 37),
      time: view.getFloat64(row + 41),
    };
  });
  return { places, digest };
}

/**
 * The entries in a part of a pack, by their lines; their bytes are not looked at.
 *
 * @param from the offset of `bytes` in the pack
 * @returns `end`: up to where all is entries
 */
export function scanEntries(bytes: Uint8Array, from: number): { places: PackedPlace[]; end: number } {
  const places: PackedPlace[] = [];
  let at = from === 0 && startsWith(bytes, PACK_HEAD) ? PACK_HEAD.length : 0;
  if (from === 0 && at === 0) return { places, end: 0 };
  while (at < bytes.length) {
    const text = latin1.decode(bytes.subarray(at, at + LONGEST_LINE));
    const line = LINE.exec(text);
    if (line === null) break;
    const [{ length }, kind, digest, size, time] = line;
    const next = at + length + Number(size);
    if (next > bytes.length) break;
    places.push({
      kind: kind as PackedKind,
      digest,
      at: from + at + length,
      size: Number(size),
      time: Number(time),
    });
    at = next;
  }
  return { places, end: from + at };
}

/** Is this the beginning of an entry, or of an index and its end, whose writing was cut off? */
export function isTorn(bytes: Uint8Array): boolean {
  const text = latin1.decode(bytes.subarray(0, LONGEST_LINE));
  const index = INDEX_LINE.exec(text);
  if (index !== null) return bytes.length < index[0].length + Number(index[2]) + END_BYTES;
  return LINE.test(text) || WORDS.some((word) => `${word} `.startsWith(text)) || CUT_LINE.test(text);
}

function startsWith(bytes: Uint8Array, head: Uint8Array): boolean {
  return bytes.length >= head.length && head.every((byte, i) => bytes[i] === byte);
}
