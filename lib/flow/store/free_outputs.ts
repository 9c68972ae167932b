/** Frees the files of results that no later run can use, and keeps their records, which say how these came about. */
import { GC_LEASE } from "./gc.ts";
import type { StoreParts } from "./parts.ts";
import { StatKey } from "./stat_key.ts";
import type { ActionKey } from "./types.ts";

/** So many files are read before other work of this process goes on. */
const FILES_AT_A_TIME = 200;

const DIGESTS = /[0-9a-f]{64}/g;

/**
 * Removes the files of the outputs of `keys` that no other result mentions. As in a garbage collection nothing is removed
 * while another process uses the store, or once one begins to: then they are left to the next collection.
 */
export async function freeOutputs(store: StoreParts, keys: readonly ActionKey[]): Promise<void> {
  const claim = store.leases.try(GC_LEASE);
  if ("holder" in claim) return;
  try {
    const calm = store.leases.presence();
    await new Promise((resolve) => setTimeout(resolve, store.leases.calmIn()));
    if (store.leases.others().length > 0) return;
    // What others have packed meanwhile may mention any file.
    store.packs.refresh();
    const files = filesOf(store, keys);
    await keepMentioned(store, new Set(keys), files);
    for (const path of [...files.values()].flat()) {
      if (store.leases.presence() !== calm) return;
      store.removals.remove(path);
    }
  } finally {
    claim.lease.release();
  }
}

/** The files of the results by the digest in their names. */
function filesOf(store: StoreParts, keys: readonly ActionKey[]): Map<string, string[]> {
  const files = new Map<string, string[]>();
  const add = (digest: string, path: string) => {
    if (StatKey.ofLink(path) === undefined) return;
    const [hex] = digest.match(DIGESTS)!;
    files.set(hex, [...new Set([...files.get(hex) ?? [], path])]);
  };
  for (const key of keys) {
    const record = store.records.get(key);
    for (const output of Object.values(record?.outputs ?? {})) {
      if (output.file === undefined) add(output.digest, store.trees.path(output.digest));
      for (const { digest } of store.trees.get(output)?.entries ?? []) add(digest, store.blobs.path(digest));
    }
  }
  return files;
}

/** Takes out of `files` what a record other than those of `keys` mentions, or a tree that stays. */
async function keepMentioned(
  store: StoreParts,
  keys: ReadonlySet<ActionKey>,
  files: Map<string, string[]>,
): Promise<void> {
  let read = 0;
  const keepIn = async (text: string) => {
    for (const [hex] of text.matchAll(DIGESTS)) files.delete(hex);
    if (++read % FILES_AT_A_TIME === 0) await new Promise((resolve) => setTimeout(resolve));
  };
  for (const key of store.records.keys()) {
    if (files.size === 0) return;
    try {
      if (!keys.has(key)) {
        const text = store.records.text(key);
        if (text === undefined) return files.clear();
        await keepIn(text);
      } else {
        const log = store.records.get(key)?.facts.log;
        if (log !== undefined) files.delete(log.slice(0, 64));
      }
    } catch {
      // What a record mentioned that is damaged or gone is not known: it may be any of the files.
      return files.clear();
    }
  }
  for (const [digest, text] of store.trees.texts()) {
    try {
      if (!files.has(digest)) await keepIn(text());
    } catch {
      return files.clear();
    }
  }
}
