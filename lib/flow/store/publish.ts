/** Publishes a task's outputs to the store. The record is written last: before it nothing counts, after it all does. */
import { asTheyAre, copiesOf, type TakenFiles } from "./copied_files.ts";
import { artifactOf } from "./digest.ts";
import type { KnownFile } from "./digester.ts";
import { type ListedFile, listFiles } from "./file_tree.ts";
import { onDisk, storeError } from "./io.ts";
import { keptIn, refuseKept, requireKept } from "./kept_files.ts";
import { flushed } from "./late_refusals.ts";
import { waitMoment } from "./late_view.ts";
import { nameProblem } from "./names.ts";
import { entriesOf } from "./layout.ts";
import type { StoreParts } from "./parts.ts";
import { StatKey } from "./stat_key.ts";
import {
  type ActionKey,
  type ActionRecord,
  type Artifact,
  type Damage,
  type Facts,
  type FileDigest,
  type Manifest,
  type OutputRef,
  StoreError,
  type TreeEntry,
} from "./types.ts";

export interface FinishedAction {
  readonly key: ActionKey;
  readonly manifest: Manifest;
  /** Holds the outputs by name, each a file or a folder; on the store's file system. They are moved. */
  readonly folder: string;
  /** They are not moved but copied: a later run may keep them again, where this one is killed. */
  readonly stays?: boolean;
  /** By output, files of the store that are part of it beside those in `folder`; then it is a folder that may be missing
   * there. */
  readonly kept?: Readonly<Record<string, readonly TreeEntry[]>>;
  readonly facts: Facts;
  /** Why the result must not be kept, asked when all else is done: sources that changed meanwhile. */
  readonly beforeRecord?: () => string[] | Promise<string[]>;
}

export interface Published {
  /** Absent where it was vetoed. */
  readonly record?: ActionRecord;
  /** Another process had published the key; the record is its. */
  readonly joined: boolean;
  readonly drift: string[];
}

/** Most often the output has another name. */
function whatIsIn(folder: string): string {
  const names = entriesOf(folder).slice(0, 5).map((name) => JSON.stringify(name));
  return names.length === 0 ? "" : `; it wrote ${names.join(", ")}`;
}

/** @throws StoreError output-missing, output-refused, output-changing, store-disk-full, … */
export async function publish(store: StoreParts, action: FinishedAction): Promise<Published> {
  const listings = listOutputs(action);
  const files = listings.flatMap(({ files }) => files);
  flushOutputs(files);
  const taken = takeFiles(store, action, files);
  try {
    const known = await takeIn(store, taken);
    let at = 0;
    const artifacts = artifactsOf(action, listings, () => known[at++].digest);
    await requireKept(store, action);
    for (const { artifact } of artifacts) {
      if (!isSingleFile(artifact)) store.trees.put(artifact, store.temporary());
    }

    const drift = await action.beforeRecord?.() ?? [];
    if (drift.length > 0) return { joined: false, drift };
    const { key, manifest, facts } = action;
    const outputs = outputsOf(artifacts);
    const published = await addRecord(store, { key, manifest, outputs, facts });
    const gone = missingFiles(store, artifacts.map(({ artifact }) => artifact));
    if (gone.length === 0) return published;
    store.removals.remove(store.records.path(key));
    return { joined: false, drift: gone };
  } catch (error) {
    throw storeError(`publish a result in ${store.folder}`, error);
  } finally {
    taken.end();
  }
}

/** The files that are to become blobs: those of an action, or copies of them. */
export function takeFiles(
  store: StoreParts,
  { stays }: FinishedAction,
  files: readonly ListedFile[],
): TakenFiles {
  if (!stays) return asTheyAre(files);
  try {
    return copiesOf(files, () => store.temporary(), stillWritten);
  } catch (error) {
    throw storeError(`publish a result in ${store.folder}`, error);
  }
}

/** Makes blobs of files; their digests, in order. */
export async function takeIn(store: StoreParts, { files }: TakenFiles): Promise<KnownFile[]> {
  const known = await store.digester.digest(
    files.map(({ absolute, key }) => ({ absolute, key })),
    stillWritten,
  );
  for (const [i, { absolute }] of files.entries()) {
    await store.blobs.adopt(absolute, known[i], () => store.temporary());
  }
  return known;
}

/** A task that only closes its files does not learn that the disk is full. @throws StoreError store-disk-full, … */
export function flushOutputs(files: readonly ListedFile[]): void {
  onDisk("write the outputs of the task", () => {
    for (const { absolute, key } of files) flushed(absolute, key);
  });
}

interface ListedOutput {
  readonly name: string;
  readonly files: readonly ListedFile[];
}

interface NamedArtifact {
  readonly name: string;
  readonly artifact: Artifact;
}

/** What the task has written, by output. @throws StoreError output-missing, output-refused */
export function listOutputs(action: FinishedAction): ListedOutput[] {
  // Behind a link are files that are not the task's.
  if (StatKey.ofLink(action.folder)?.isFolder === false) {
    throw new StoreError(
      "output-refused",
      "the outputs can't be kept: their folder was replaced by a link or a file",
    );
  }
  return action.manifest.outputs.map((name) => ({ name, files: listOutput(action, name) }));
}

/** The outputs, of what was written and of kept files; `digestOf` is called for each file in order. */
export function artifactsOf(
  action: FinishedAction,
  listings: readonly ListedOutput[],
  digestOf: (file: ListedFile) => FileDigest,
): NamedArtifact[] {
  return listings.map(({ name, files }) => {
    const written = files.map((file) => entryOf(file, digestOf(file)));
    return { name, artifact: artifactOf([...written, ...keptIn(action, name)]) };
  });
}

/** The outputs as a record names them. */
export function outputsOf(artifacts: readonly NamedArtifact[]): Record<string, OutputRef> {
  return Object.fromEntries(artifacts.map(({ name, artifact }) => [name, outputRef(artifact)]));
}

/** Files that the store already had when the outputs were taken, and that were deleted before the record was written: by
 * a garbage collection that was suspended between its last check and the removal. */
export function missingFiles(store: StoreParts, artifacts: readonly Artifact[]): string[] {
  const looked = new Map();
  const trees = artifacts.filter((artifact) =>
    !isSingleFile(artifact) && StatKey.ofLink(store.trees.path(artifact.digest)) === undefined &&
    !store.packs.isThere("tree", artifact.digest, looked)
  ).map(({ digest }) => store.trees.path(digest));
  const blobs = new Set(artifacts.flatMap(({ entries }) => entries.map(({ digest }) => digest)));
  return [...trees, ...store.blobs.missing(blobs).map((digest) => store.blobs.path(digest))];
}

/** The damage of a record's outputs: missing or wrong trees and blobs; wrong ones were quarantined. */
export async function checkOutputs(store: StoreParts, record: ActionRecord): Promise<Damage[]> {
  const damage: Damage[] = [];
  const entries: TreeEntry[] = [];
  for (const output of Object.values(record.outputs)) {
    const artifact = store.trees.get(output) ?? store.trees.getNow(output);
    if (artifact === undefined) {
      damage.push({ what: "tree", digest: output.digest, reason: "it is missing or damaged" });
    } else entries.push(...artifact.entries);
  }
  return [...damage, ...await store.blobs.check(entries)];
}

/** The results of items that are in packs, with outputs that are right. All are checked in one go. */
export async function usablePacked(
  store: StoreParts,
  keys: Iterable<ActionKey>,
): Promise<Map<ActionKey, ActionRecord>> {
  const found = new Map<ActionKey, { record: ActionRecord; entries: readonly TreeEntry[] }>();
  for (const key of keys) {
    const record = store.records.getPacked(key);
    if (record === undefined) continue;
    const artifacts = Object.values(record.outputs).map((output) => store.trees.get(output));
    if (artifacts.includes(undefined)) continue;
    found.set(key, { record, entries: artifacts.flatMap((artifact) => artifact!.entries) });
  }
  const damage = await store.blobs.check([...found.values()].flatMap(({ entries }) => entries));
  const ill = new Set<string>(damage.map(({ digest }) => digest));
  const usable = [...found].filter(([, { entries }]) => entries.every(({ digest }) => !ill.has(digest)));
  return new Map(usable.map(([key, { record }]) => [key, record]));
}

/** The first good record of a key stays, so that all who ask for it go on from the same bytes. */
async function addRecord(store: StoreParts, record: ActionRecord): Promise<Published> {
  while (!store.records.add(record, store.temporary())) {
    const other = store.records.get(record.key);
    if (other === undefined) {
      waitMoment();
      continue;
    }
    if ((await checkOutputs(store, other)).length === 0) return { record: other, joined: true, drift: [] };
    store.records.setAside({
      what: "record",
      digest: record.key,
      reason: "its outputs are missing or damaged",
    });
  }
  return { record, joined: false, drift: [] };
}

function listOutput(action: FinishedAction, name: string): readonly ListedFile[] {
  const refuse = (problems: string) =>
    new StoreError("output-refused", `the output ${JSON.stringify(name)} can't be kept: ${problems}`);
  const problem = nameProblem(name) ?? (name.includes("/") ? "it has a slash" : undefined);
  if (problem !== undefined) throw refuse(problem);
  const listing = listFiles(`${action.folder}/${name}`, false, refuse);
  const kept = keptIn(action, name);
  if (listing === undefined && kept.length === 1 && kept[0].path === "") return [];
  if (kept.length > 0) refuseKept(listing, kept, refuse);
  if (listing === undefined && action.kept?.[name] !== undefined) return [];
  if (listing === undefined) {
    throw new StoreError(
      "output-missing",
      `the task ended without its output ${JSON.stringify(name)}: expected a file or a folder out/${name}${
        whatIsIn(action.folder)
      }`,
    );
  }
  return listing.files;
}

function entryOf({ path, key }: ListedFile, digest: FileDigest): TreeEntry {
  return { path, digest, size: key.size, ...(key.isExecutable && { executable: true as const }) };
}

/** Is the output a file, which needs no tree? */
export function isSingleFile({ entries }: Artifact): boolean {
  return entries.length === 1 && entries[0].path === "";
}

function outputRef(artifact: Artifact): OutputRef {
  const { digest, entries } = artifact;
  const bytes = entries.reduce((sum, { size }) => sum + size, 0);
  return { digest, files: entries.length, bytes, ...(isSingleFile(artifact) && { file: entries[0] }) };
}

/** A file of an output changes while it is read. */
export function stillWritten(path: string): StoreError {
  return new StoreError(
    "output-changing",
    `${path} is still written to: expected that whatever a task starts has ended when it ends`,
  );
}
