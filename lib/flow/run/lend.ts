/** Gives a task what it reads: copies of its own, or links where these would be too many bytes. */

import { dirname, join } from "node:path";
import { digestFiles } from "../store/digest.ts";
import { makeFolder, removeAll } from "../store/layout.ts";
import { StatKey } from "../store/stat_key.ts";
import type { Store } from "../store/store.ts";
import type { Artifact, SourceState, TreeEntry } from "../store/types.ts";

/** An input with more bytes than this is linked, and compared when the task has ended. */
export const COPY_UP_TO_BYTES = 64 << 20;

/** What of the store a task could write to: to be checked before its result is kept. */
export type Lent = { readonly store: Store; readonly entries: readonly TreeEntry[] }[];

/** Puts an output of another task at `path`. */
export async function lendOutput(store: Store, artifact: Artifact, path: string, lent: Lent): Promise<void> {
  const apart = bytesOf(artifact) <= COPY_UP_TO_BYTES;
  await store.materialise(artifact, path, { apart });
  if (!apart) lent.push({ store, entries: artifact.entries });
}

/** The lent files that are no longer what they were, and why; they were set aside. */
export async function damageOf(lent: Lent): Promise<string[]> {
  const damage = await Promise.all(lent.map(({ store, entries }) => store.blobs.check(entries)));
  return damage.flat().map(({ digest, reason }) => `the input ${digest} (${reason})`);
}

/**
 * Puts a source of the user at `path`.
 *
 * @returns what is not as `source` says: then nothing must be read of it
 */
export async function lendSource(source: SourceState, path: string): Promise<string[]> {
  const { artifact, kind } = source;
  if (bytesOf(artifact) > COPY_UP_TO_BYTES) {
    Deno.symlinkSync(source.path, path, { type: kind === "file" ? "file" : "dir" });
    return [];
  }
  if (kind === "folder") Deno.mkdirSync(path);
  for (const folder of artifact.emptyFolders ?? []) makeFolder(join(path, folder));
  const made = new Set<string>();
  for (const { path: below, executable } of artifact.entries) {
    const from = join(source.path, below);
    const to = join(path, below);
    if (below !== "" && !made.has(dirname(to))) {
      makeFolder(dirname(to));
      made.add(dirname(to));
    }
    if (StatKey.of(from)?.isFile !== true) return [from];
    Deno.copyFileSync(from, to);
    Deno.chmodSync(to, executable ? 0o555 : 0o444);
  }
  return await wrongCopies(source, path);
}

/** Files that were others while they were copied; their copies are removed. */
async function wrongCopies(
  { path: root, artifact: { entries } }: SourceState,
  path: string,
): Promise<string[]> {
  const copies = entries.map((entry) => {
    const copy = join(path, entry.path);
    return { path: copy, size: StatKey.ofLink(copy)!.size };
  });
  const digests = await digestFiles(copies);
  return entries.flatMap((entry, i) => {
    if (digests[i] === entry.digest) return [];
    removeAll(copies[i].path);
    return [join(root, entry.path)];
  });
}

function bytesOf({ entries }: Artifact): number {
  return entries.reduce((sum, { size }) => sum + size, 0);
}
