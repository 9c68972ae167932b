/** Publishes the result of an item: what is small goes into a pack with the record, a longer file becomes a blob of its own. */
import { digestBytes, treeText } from "./digest.ts";
import type { ListedFile } from "./file_tree.ts";
import { removeAll } from "./layout.ts";
import { PACKED_UP_TO_BYTES, type PackEntry } from "./pack_format.ts";
import type { StoreParts } from "./parts.ts";
import {
  artifactsOf,
  type FinishedAction,
  flushOutputs,
  isSingleFile,
  listOutputs,
  missingFiles,
  outputsOf,
  type Published,
  stillWritten,
  takeFiles,
  takeIn,
} from "./publish.ts";
import { storeError } from "./io.ts";
import { StatKey } from "./stat_key.ts";
import type { FileDigest } from "./types.ts";

/** As `publish`, for an action whose manifest has an item. */
export async function publishItem(store: StoreParts, action: FinishedAction): Promise<Published> {
  const listings = listOutputs(action);
  const files = listings.flatMap(({ files }) => files);
  flushOutputs(files);
  const packed = new Map<ListedFile, Omit<PackEntry, "time">>();
  for (const file of files.filter(({ key }) => key.size <= PACKED_UP_TO_BYTES)) {
    packed.set(file, readFile(file));
  }
  const long = files.filter((file) => !packed.has(file));
  const taken = takeFiles(store, action, long);
  try {
    const known = await takeIn(store, taken);
    const digestOf = (file: ListedFile) =>
      (packed.get(file)?.digest ?? known[long.indexOf(file)].digest) as FileDigest;
    const artifacts = artifactsOf(action, listings, digestOf);
    const drift = await action.beforeRecord?.() ?? [];
    if (drift.length > 0) return { joined: false, drift };
    const trees = artifacts.filter(({ artifact }) => !isSingleFile(artifact)).map(({ artifact }) => ({
      kind: "tree" as const,
      digest: artifact.digest,
      bytes: new TextEncoder().encode(treeText(artifact.entries)),
    }));
    const { key, manifest, facts } = action;
    const record = { key, manifest, outputs: outputsOf(artifacts), facts };
    const other = await store.packing.keep({ files: [...packed.values(), ...trees], record });
    if (!action.stays) { for (const { absolute } of packed.keys()) removeAll(absolute); }
    if (other !== undefined) return { record: other, joined: true, drift: [] };
    const gone = missingFiles(store, artifacts.map(({ artifact }) => artifact));
    return gone.length > 0 ? { joined: false, drift: gone } : { record, joined: false, drift: [] };
  } catch (error) {
    throw storeError(`publish a result in ${store.folder}`, error);
  } finally {
    taken.end();
  }
}

function readFile({ absolute, key }: ListedFile): Omit<PackEntry, "time"> {
  const bytes = Deno.readFileSync(absolute);
  if (bytes.length !== key.size || !StatKey.of(absolute)?.equals(key)) throw stillWritten(absolute);
  return { kind: "blob", digest: digestBytes(bytes), bytes };
}
