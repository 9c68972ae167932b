/** Digests of texts, files and trees. A long file is hashed in chunks, by all cores at once. */
import { hash } from "node:crypto";
import { canonicalJson } from "./canonical_json.ts";
import { type FileRange, hashRange } from "./hash_range.ts";
import type { HashReply, HashRequest } from "./hash_worker.ts";
import type { ActionKey, Artifact, FileDigest, TreeDigest, TreeEntry } from "./types.ts";

/** A longer file is identified by the digests of its chunks. Part of the digest format: never change it. */
export const CHUNK_BYTES = 16 << 20;

/** Fewer bytes than this are hashed here and now: starting threads takes longer than they would save. */
const THREADS_PAY_FROM_BYTES = 64 << 20;

const FILE_DIGEST = /^[0-9a-f]{64}(\.chunks)?$/;
const HEX_DIGEST = /^[0-9a-f]{64}$/;

/** Whether a text has the form of a file digest: 64 hexadecimal digits, followed by `.chunks` for long files. */
export function isFileDigest(text: unknown): text is FileDigest {
  return typeof text === "string" && FILE_DIGEST.test(text);
}

export function isTreeDigest(text: unknown): text is TreeDigest {
  return isHexDigest(text);
}

export function isActionKey(text: unknown): text is ActionKey {
  return isHexDigest(text);
}

function isHexDigest(text: unknown): boolean {
  return typeof text === "string" && HEX_DIGEST.test(text);
}

/** SHA-256 of a text's UTF-8 bytes, or of bytes, as 64 hex digits. */
export function sha256Hex(data: string | Uint8Array): string {
  return hash("sha256", data, "hex");
}

export interface FileToDigest {
  readonly path: string;
  readonly size: number;
}

/**
 * The digests of files, in order. Up to CHUNK_BYTES: SHA-256 of the bytes, as `sha256sum` prints it. Longer: SHA-256
 * of the canonical JSON of the list of the chunks' SHA-256, followed by `.chunks`, since a short file may hold just
 * that list as its text.
 *
 * @throws Error where a file is missing or cut short.
 */
export async function digestFiles(files: readonly FileToDigest[]): Promise<FileDigest[]> {
  const ranges: FileRange[] = [];
  let bytes = 0;
  for (const { path, size } of files) {
    bytes += size;
    for (let from = 0; from < size || from === 0; from += CHUNK_BYTES) {
      ranges.push({ path, from, to: Math.min(size, from + CHUNK_BYTES) });
    }
  }
  const hashes = bytes < THREADS_PAY_FROM_BYTES ? ranges.map(hashRange) : await hashInThreads(ranges);
  let at = 0;
  return files.map(({ size }) => {
    if (size <= CHUNK_BYTES) return hashes[at++] as FileDigest;
    return chunkedDigest(hashes.slice(at, at += Math.ceil(size / CHUNK_BYTES)));
  });
}

/** The digest of a file with these bytes. */
export function digestBytes(bytes: Uint8Array): FileDigest {
  if (bytes.length <= CHUNK_BYTES) return sha256Hex(bytes) as FileDigest;
  const chunks: string[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    chunks.push(sha256Hex(bytes.subarray(at, at + CHUNK_BYTES)));
  }
  return chunkedDigest(chunks);
}

/**
 * The artifact of these files; their order does not matter.
 *
 * @param emptyFolders sorted paths of folders with nothing in them; only a tree that has some gets another digest
 */
export function artifactOf(entries: readonly TreeEntry[], emptyFolders: readonly string[] = []): Artifact {
  const sorted = [...entries].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  if (emptyFolders.length === 0) return { digest: treeDigest(sorted), entries: sorted };
  const text = canonicalJson({ schema: 1, tree: sorted, emptyFolders });
  return { digest: sha256Hex(text) as TreeDigest, entries: sorted, emptyFolders };
}

/** The digests of an artifact's files by path; empty folders are among them, with a slash behind their paths. */
export function filesByPath({ entries, emptyFolders = [] }: Artifact): Record<string, string> {
  return Object.fromEntries([
    ...entries.map(({ path, digest }) => [path, digest]),
    ...emptyFolders.map((path) => [`${path}/`, "empty folder"]),
  ]);
}

/** The text whose SHA-256 is the digest of a tree without empty folders: canonical JSON of its entries in order. */
export function treeText(entries: readonly TreeEntry[]): string {
  return canonicalJson({ schema: 1, tree: entries });
}

/** The digest of a tree that is a single file. */
export function singleFileDigest(entry: TreeEntry): TreeDigest {
  return treeDigest([entry]);
}

function treeDigest(sorted: readonly TreeEntry[]): TreeDigest {
  return sha256Hex(treeText(sorted)) as TreeDigest;
}

function chunkedDigest(hashes: readonly string[]): FileDigest {
  return `${sha256Hex(canonicalJson(hashes))}.chunks` as FileDigest;
}

async function hashInThreads(ranges: readonly FileRange[]): Promise<string[]> {
  const threads = Math.min(navigator.hardwareConcurrency, ranges.length);
  const request: HashRequest = { ranges, next: new SharedArrayBuffer(4) };
  const replies = await Promise.all(Array.from({ length: threads }, () => hashInThread(request)));
  const hashes = new Array<string>(ranges.length);
  for (const { hashes: some, error } of replies) {
    if (error !== undefined) throw new Error(error);
    for (const [index, hex] of some) hashes[index] = hex;
  }
  return hashes;
}

function hashInThread(request: HashRequest): Promise<HashReply> {
  const { promise, resolve, reject } = Promise.withResolvers<HashReply>();
  const worker = new Worker(new URL("./hash_worker.ts", import.meta.url), { type: "module" });
  worker.onmessage = (event: MessageEvent<HashReply>) => resolve(event.data);
  worker.onerror = (event) => {
    event.preventDefault();
    reject(new Error(`a hashing thread failed: ${event.message}`));
  };
  worker.postMessage(request);
  return promise.finally(() => worker.terminate());
}
