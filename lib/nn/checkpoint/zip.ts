/** Reads the directory and the stored entries of a zip archive, without copying or unpacking the archive. */

import { crc32 } from "node:zlib";
import type { ByteSource } from "./byte_source.ts";

export interface ZipEntry {
  readonly name: string;
  /** Bytes of the entry's content. */
  readonly size: number;
  readonly crc32: number;
  /** The position of the entry's local header. */
  readonly header: number;
}

const LOCAL_HEADER = 0x04034b50;
const DIRECTORY_ENTRY = 0x02014b50;
const DIRECTORY_END = 0x06054b50;
const ZIP64_LOCATOR = 0x07064b50;
const ZIP64_END = 0x06064b50;
const UNKNOWN_16 = 0xffff;
const UNKNOWN_32 = 0xffffffff;
const STORED = 0;

/** Whether `source` begins with the signature of a zip archive. */
export function looksLikeZip(source: ByteSource): boolean {
  return source.size >= 4 && view(source, 0, 4, "the signature").getUint32(0, true) === LOCAL_HEADER;
}

/**
 * The entries of an archive by name. Only stored (uncompressed, unencrypted) entries are accepted. PyTorch
 * writes no others, and the content can't be larger than the file.
 *
 * @throws {WeightsError} "truncated" if the archive has no directory or the directory extends past the
 * archive's end; "malformed" if entries overlap, have duplicate names or are compressed.
 */
export function readZipDirectory(source: ByteSource): Map<string, ZipEntry> {
  const { position, size, count } = findDirectory(source);
  const directory = view(source, position, size, "the zip directory");
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    const { entry, length } = readEntry(source, directory, at);
    if (entries.has(entry.name)) source.fail("malformed", `the zip directory names "${entry.name}" twice`);
    entries.set(entry.name, entry);
    at += length;
  }
  if (at !== size) {
    source.fail("malformed", `the zip directory has ${size} bytes, but its entries take ${at}`);
  }
  checkOverlaps(source, entries, position);
  return entries;
}

/**
 * The position of the content of `entry`, from its local header.
 *
 * @throws {WeightsError} "malformed" if the local header contradicts the directory.
 */
export function contentStart(source: ByteSource, entry: ZipEntry): number {
  const header = view(source, entry.header, 30, `the zip header of "${entry.name}"`);
  if (header.getUint32(0, true) !== LOCAL_HEADER) {
    source.fail(
      "malformed",
      `expected the zip entry "${entry.name}" at byte ${entry.header}, but there is none`,
    );
  }
  const nameLength = header.getUint16(26, true);
  const name = source.read(entry.header + 30, nameLength, `the zip header of "${entry.name}"`);
  if (decodeName(source, name) !== entry.name) {
    source.fail("malformed", `the zip header at byte ${entry.header} is not that of "${entry.name}"`);
  }
  const start = entry.header + 30 + nameLength + header.getUint16(28, true);
  source.require(start, entry.size, `the zip entry "${entry.name}"`);
  return start;
}

/** Fails as "malformed" unless `content` has the checksum that the directory gives for `entry`. */
export function checkContent(source: ByteSource, entry: ZipEntry, content: Uint8Array): void {
  if (crc32(content) !== entry.crc32) {
    source.fail(
      "malformed",
      `the zip entry "${entry.name}" is damaged: its CRC-32 differs from the recorded one`,
    );
  }
}

function view(source: ByteSource, position: number, length: number, what: string): DataView<ArrayBuffer> {
  return new DataView(source.read(position, length, what).buffer);
}

/**
 * The position of the directory, from the record at the archive's end. A comment of up to 64 KiB may follow
 * this record.
 */
function findDirectory(source: ByteSource): { position: number; size: number; count: number } {
  const length = Math.min(source.size, 22 + 0xffff);
  const tail = view(source, source.size - length, length, "the end of the zip archive");
  for (let at = length - 22; at >= 0; at--) {
    if (tail.getUint32(at, true) !== DIRECTORY_END) continue;
    if (at + 22 + tail.getUint16(at + 20, true) !== length) continue;
    const end = source.size - length + at;
    let count = tail.getUint16(at + 10, true);
    let size = tail.getUint32(at + 12, true);
    let position = tail.getUint32(at + 16, true);
    if (count === UNKNOWN_16 || size === UNKNOWN_32 || position === UNKNOWN_32) {
      ({ count, size, position } = readZip64End(source, end));
    }
    if (position + size > end) {
      source.fail("truncated", `the zip directory takes bytes ${position} to ${position + size} of ${end}`);
    }
    return { position, size, count };
  }
  source.fail("truncated", "begins like a zip archive, but has no zip directory at its end");
}

function readZip64End(source: ByteSource, end: number): { position: number; size: number; count: number } {
  if (end < 20) source.fail("malformed", "the zip64 locator is missing");
  const locator = view(source, end - 20, 20, "the zip64 locator");
  if (locator.getUint32(0, true) !== ZIP64_LOCATOR) source.fail("malformed", "the zip64 locator is missing");
  const record = view(source, uint64(locator, 8), 56, "the zip64 end record");
  if (record.getUint32(0, true) !== ZIP64_END) source.fail("malformed", "the zip64 end record is missing");
  return { count: uint64(record, 32), size: uint64(record, 40), position: uint64(record, 48) };
}

function readEntry(
  source: ByteSource,
  directory: DataView<ArrayBuffer>,
  at: number,
): { entry: ZipEntry; length: number } {
  const need = (end: number) => {
    if (end > directory.byteLength) source.fail("truncated", "the zip directory ends within an entry");
  };
  need(at + 46);
  if (directory.getUint32(at, true) !== DIRECTORY_ENTRY) {
    source.fail("malformed", "the zip directory has data that is not an entry");
  }
  const nameLength = directory.getUint16(at + 28, true);
  const extraLength = directory.getUint16(at + 30, true);
  const length = 46 + nameLength + extraLength + directory.getUint16(at + 32, true);
  need(at + length);
  const name = decodeName(source, new Uint8Array(directory.buffer, at + 46, nameLength));
  const method = directory.getUint16(at + 10, true);
  const encrypted = (directory.getUint16(at + 8, true) & 1) === 1;
  if (method !== STORED || encrypted) {
    const how = encrypted ? "encrypted" : `compressed by method ${method}`;
    source.fail(
      "malformed",
      `the zip entry "${name}" is ${how}; only entries stored uncompressed are supported`,
    );
  }
  const extra = new DataView(directory.buffer, at + 46 + nameLength, extraLength);
  const [size, packed, header] = withZip64(source, name, extra, [
    directory.getUint32(at + 24, true),
    directory.getUint32(at + 20, true),
    directory.getUint32(at + 42, true),
  ]);
  if (size !== packed) {
    source.fail(
      "malformed",
      `the stored zip entry "${name}" has the size ${size}, but takes ${packed} bytes in the archive`,
    );
  }
  return { entry: { name, size, crc32: directory.getUint32(at + 16, true), header }, length };
}

/** `fields` (size, packed size, header); values too large for 32 bits are read from the zip64 extra field. */
function withZip64(source: ByteSource, name: string, extra: DataView, fields: number[]): number[] {
  if (!fields.includes(UNKNOWN_32)) return fields;
  for (let at = 0; at + 4 <= extra.byteLength;) {
    const end = at + 4 + extra.getUint16(at + 2, true);
    if (extra.getUint16(at, true) === 0x0001 && end <= extra.byteLength) {
      let next = at + 4;
      return fields.map((field) => {
        if (field !== UNKNOWN_32) return field;
        if (next + 8 > end) source.fail("malformed", `the zip entry "${name}" lacks its 64-bit sizes`);
        next += 8;
        return uint64(extra, next - 8);
      });
    }
    at = end;
  }
  source.fail("malformed", `the zip entry "${name}" lacks its 64-bit sizes`);
}

function checkOverlaps(source: ByteSource, entries: ReadonlyMap<string, ZipEntry>, limit: number): void {
  let end = 0;
  for (const entry of [...entries.values()].sort((a, b) => a.header - b.header)) {
    if (entry.header < end) source.fail("malformed", `the zip entry "${entry.name}" overlaps another`);
    end = entry.header + 30 + entry.name.length + entry.size;
    if (end > limit) {
      source.fail(
        "truncated",
        `the zip entry "${entry.name}" of ${entry.size} bytes extends into the zip directory`,
      );
    }
  }
}

function decodeName(source: ByteSource, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    source.fail("malformed", "a zip entry's name is not UTF-8");
  }
}

/** A 64-bit size. A size above 2^53 is inexact, but exceeds the size of any file. */
function uint64(data: DataView, at: number): number {
  return Number(data.getBigUint64(at, true));
}
