/** Verifies a whole store: every record, tree and blob against its digest. */
import { LAYOUT, shardedName } from "./layout.ts";
import type { StoreParts } from "./parts.ts";
import { StatKey } from "./stat_key.ts";
import type { Damage, FileDigest } from "./types.ts";
import { verifyPacks } from "./verify_packs.ts";

const BATCH_BYTES = 256 << 20;

/**
 * Reads everything; damaged entries are quarantined, so that whatever needs them runs again.
 *
 * @param progress called with bytes read and total bytes
 */
export async function verifyStore(
  store: StoreParts,
  progress: (done: number, total: number) => void = () => {},
): Promise<Damage[]> {
  const damage: Damage[] = [];
  for (const key of store.records.files()) {
    const found = store.records.readFile(key);
    if (found !== undefined && "what" in found) damage.push(store.records.setAside(found));
  }
  for (const digest of store.trees.all()) {
    const found = store.trees.read(digest);
    if (found !== undefined && "what" in found) damage.push(store.trees.setAside(found));
  }
  damage.push(...verifyPacks(store), ...await verifyBlobs(store, progress));
  return damage;
}

async function verifyBlobs(
  store: StoreParts,
  progress: (done: number, total: number) => void,
): Promise<Damage[]> {
  const damage: Damage[] = [];
  const setAside = (digest: FileDigest, reason: string) =>
    damage.push(store.blobs.setAside({ what: "blob", digest, reason }));
  const blobs: { digest: FileDigest; absolute: string; key: StatKey }[] = [];
  for (const digest of store.blobs.all()) {
    const absolute = store.blobs.path(digest);
    const key = StatKey.ofLink(absolute);
    if (key?.isFile) blobs.push({ digest, absolute, key });
    else if (key !== undefined) setAside(digest, "it is not a regular file");
  }
  const total = blobs.reduce((sum, { key }) => sum + key.size, 0);
  let done = 0;
  for (const batch of batches(blobs)) {
    const known = await store.blobs.digestsOf(batch.map(({ absolute, key }) => ({ absolute, key })));
    batch.forEach(({ digest }, i) => {
      // A garbage collection may have removed it since it was listed.
      if (known[i] === undefined) return;
      const { digest: actual, key, trusted } = known[i];
      if (actual !== digest) setAside(digest, `its bytes have the digest ${actual}`);
      else if (trusted) store.digester.index.remember(shardedName(LAYOUT.blobs, digest), key, digest);
    });
    progress(done += batch.reduce((sum, { key }) => sum + key.size, 0), total);
  }
  return damage;
}

/** Enough at a time to keep all cores busy, few enough to show how far it is. */
function* batches<T extends { key: StatKey }>(files: readonly T[]): Generator<T[]> {
  let batch: T[] = [];
  let bytes = 0;
  for (const file of files) {
    batch.push(file);
    bytes += file.key.size;
    if (bytes >= BATCH_BYTES) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
  }
  if (batch.length > 0) yield batch;
}
