/** Sends a result to a cache: its files first, and its entry last, so that no entry names files that are not there. */

import { sha256Hex, treeText } from "../store/digest.ts";
import type { Store } from "../store/store.ts";
import type { ActionRecord, Artifact, TreeEntry } from "../store/types.ts";
import { type ApiDigest, type ApiFile, type ApiFolder, encodeTree } from "./action_result.ts";
import { chunkList, chunksOf, hexOf, isChunked, readRange } from "./chunks.ts";
import { writeEntry } from "./entry.ts";
import type { Member } from "./member.ts";
import type { Signer } from "./signature.ts";

/** Files at once, of each of which a chunk is in memory. */
const FILES_AT_ONCE = 4;

/** Whether the cache has the result then; false also where a file of it is no longer in the store. */
export async function sendResult(
  store: Store,
  member: Member,
  record: ActionRecord,
  signer: Signer | undefined,
): Promise<boolean> {
  const sender = new Sender(store, member);
  const files: ApiFile[] = [];
  const folders: { path: string; treeDigest: ApiDigest }[] = [];
  for (const [name, output] of Object.entries(record.outputs)) {
    const artifact = store.artifact(output);
    if (artifact === undefined) return false;
    const found = await sender.artifact(artifact);
    if (found === undefined) return false;
    if (output.file !== undefined) {
      files.push(
        ...found.map(({ path, ...file }) => ({ path: path === "" ? name : `${name}.${path}`, ...file })),
      );
      continue;
    }
    const list = await sender.bytes(new TextEncoder().encode(treeText(artifact.entries)));
    const treeDigest = await sender.bytes(encodeTree(folderOf(found), sha256Hex));
    if (list === undefined || treeDigest === undefined) return false;
    files.push({ path: `${name}.files`, digest: list, isExecutable: false });
    folders.push({ path: name, treeDigest });
  }
  const { log } = record.facts;
  const logFile = log && await sender.file(log);
  const entry = await writeEntry(record, { files, folders, log: logFile }, signer);
  return await member.send(`ac/${record.key}`, entry);
}

class Sender {
  constructor(readonly store: Store, readonly member: Member) {}

  /** Sends all files, and returns them as entries of `cas/`, those in chunks as several. */
  async artifact({ entries }: Artifact): Promise<ApiFile[] | undefined> {
    const found = new Array<ApiFile[]>(entries.length);
    let next = 0;
    let isWhole = true;
    const work = async () => {
      for (let i = next++; i < entries.length && isWhole && !this.member.isLeft; i = next++) {
        const sent = await this.entry(entries[i]).catch(notInStore);
        if (sent === undefined) isWhole = false;
        else found[i] = sent;
      }
    };
    await Promise.all(Array.from({ length: FILES_AT_ONCE }, work));
    return isWhole && !this.member.isLeft ? found.flat() : undefined;
  }

  async entry(entry: TreeEntry): Promise<ApiFile[] | undefined> {
    const { path, digest, executable: isExecutable = false } = entry;
    if (!isChunked(entry)) {
      const sent = await this.bytes(this.store.bytes.of(digest), hexOf(digest));
      return sent && [{ path, digest: sent, isExecutable }];
    }
    const file = this.store.blobPath(digest);
    const parts: ApiFile[] = [];
    const name = path === "" ? "chunks" : `${path}.chunks`;
    for (const [i, { from, size }] of chunksOf(entry.size).entries()) {
      const sent = await this.bytes(readRange(file, from, size));
      if (sent === undefined) return undefined;
      parts.push({ path: `${name}/${String(i).padStart(6, "0")}`, digest: sent, isExecutable: false });
    }
    const list = await this.bytes(chunkList(parts.map(({ digest: { hash } }) => hash)), hexOf(digest));
    return list && [...parts, { path: `${name}/list`, digest: list, isExecutable: false }];
  }

  /** A short file of the store that is no output. */
  async file(digest: TreeEntry["digest"]): Promise<ApiDigest | undefined> {
    try {
      return await this.bytes(this.store.bytes.of(digest), hexOf(digest));
    } catch (error) {
      return notInStore(error);
    }
  }

  /** @param expected what the store says that the bytes are */
  async bytes(bytes: Uint8Array<ArrayBuffer>, expected?: string): Promise<ApiDigest | undefined> {
    const hash = sha256Hex(bytes);
    // The store finds out itself that a file of it is damaged.
    if (expected !== undefined && hash !== expected) return undefined;
    const isThere = await this.member.send(`cas/${hash}`, bytes);
    return isThere ? { hash, sizeBytes: bytes.length } : undefined;
  }
}

/** Another process may have freed it meanwhile. */
function notInStore(error: unknown): undefined {
  if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.UnexpectedEof) return undefined;
  throw error;
}

function folderOf(files: readonly ApiFile[]): ApiFolder {
  interface Growing extends ApiFolder {
    readonly files: ApiFile[];
    readonly folders: Map<string, Growing>;
  }
  const made = (): Growing => ({ files: [], folders: new Map() });
  const root = made();
  for (const { path, ...file } of files) {
    const names = path.split("/");
    const name = names.pop()!;
    let folder = root;
    for (const one of names) {
      if (!folder.folders.has(one)) folder.folders.set(one, made());
      folder = folder.folders.get(one)!;
    }
    folder.files.push({ path: name, ...file });
  }
  return root;
}
