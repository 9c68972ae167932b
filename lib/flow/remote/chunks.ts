/**
 * A file as entries of `cas/`, each under the SHA-256 of its bytes. A short file is one entry. A long one is an entry for each
 * chunk, and one with the list of their digests, whose SHA-256 is the digest of the file (see store/digest.ts).
 */

import { CHUNK_BYTES, sha256Hex } from "../store/digest.ts";
import { canonicalJson } from "../store/canonical_json.ts";
import { openPlain } from "../store/plain_file.ts";
import type { FileDigest, TreeEntry } from "../store/types.ts";
import type { ApiDigest } from "./action_result.ts";
import { CacheError } from "./server.ts";

/** Is the file kept in chunks? */
export function isChunked({ digest }: Pick<TreeEntry, "digest">): boolean {
  return digest.length > 64;
}

/** The SHA-256 in a file digest: of the file's bytes, or of the list of its chunks. */
export function hexOf(digest: FileDigest): string {
  return digest.slice(0, 64);
}

/** The ranges of a file's chunks. */
export function chunksOf(size: number): { readonly from: number; readonly size: number }[] {
  return Array.from({ length: Math.ceil(size / CHUNK_BYTES) }, (_, i) => {
    const from = i * CHUNK_BYTES;
    return { from, size: Math.min(CHUNK_BYTES, size - from) };
  });
}

/** The bytes of the list of a file's chunks. */
export function chunkList(hashes: readonly string[]): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(canonicalJson(hashes));
}

/** The list of chunks as an entry. */
export function chunkListDigest({ digest, size }: Pick<TreeEntry, "digest" | "size">): ApiDigest {
  const count = chunksOf(size).length;
  // Brackets, and for each chunk 64 digits, quotes, and a comma before all but the first.
  return { hash: hexOf(digest), sizeBytes: 67 * count + 1 };
}

/** @throws CacheError where it is no list of `count` digests */
export function readChunkList(bytes: Uint8Array, count: number): string[] {
  const text = new TextDecoder().decode(bytes);
  const hashes = text.slice(2, -2).split('","');
  // What has the right digest may be any text still.
  if (
    hashes.every((hash) => /^[0-9a-f]{64}$/.test(hash)) && canonicalJson(hashes) === text &&
    hashes.length === count
  ) {
    return hashes;
  }
  throw new CacheError(`a list of chunks is not as expected: ${count} digests`);
}

/** @throws CacheError where bytes are not those of the digest */
export function requireBytes(bytes: Uint8Array<ArrayBuffer>, digest: ApiDigest): void {
  requireSize(bytes, digest);
  requireRight(sha256Hex(bytes) === digest.hash, digest);
}

/** @throws CacheError */
export function requireSize(bytes: Uint8Array<ArrayBuffer>, { hash, sizeBytes }: ApiDigest): void {
  if (bytes.length === sizeBytes) return;
  throw new CacheError(`cas/${hash} has ${bytes.length} bytes, expected ${sizeBytes}`);
}

/** @throws CacheError */
export function requireRight(isRight: boolean, { hash }: ApiDigest): void {
  if (!isRight) throw new CacheError(`the bytes of cas/${hash} have another digest`);
}

/** Bytes of a file. @throws where it ends before them */
export function readRange(path: string, from: number, size: number): Uint8Array<ArrayBuffer> {
  using file = openPlain(path);
  if (from > 0) file.seekSync(from, Deno.SeekMode.Start);
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size;) {
    const count = file.readSync(bytes.subarray(at));
    if (count === null) throw new Deno.errors.UnexpectedEof(`${path} was cut short`);
    at += count;
  }
  return bytes;
}

/** A chunk that came, and where it is to be. */
export interface ComingChunk {
  readonly path: string;
  /** The place in the file. */
  readonly from: number;
  /** The SHA-256 that the bytes must have. */
  readonly hash: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Writes a chunk into a file that is there, if its bytes are right.
 *
 * @returns whether they are
 * @throws what the system refuses
 */
export function keepChunk({ path, from, hash, bytes }: ComingChunk): boolean {
  if (sha256Hex(bytes) !== hash) return false;
  using file = Deno.openSync(path, { write: true });
  file.seekSync(from, Deno.SeekMode.Start);
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
  return true;
}
