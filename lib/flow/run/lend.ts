/**
 * Gives a task what it reads: copies of its own, and where these would be too many bytes mounts, if it is isolated, or
 * links.
 */

import { dirname, isAbsolute, join } from "node:path";
import type { Launcher } from "../isolation/launcher.ts";
import type { Mount } from "../isolation/messages.ts";
import { digestFiles } from "../store/digest.ts";
import { makeFolder, removeAll } from "../store/layout.ts";
import { copyWhole } from "../store/plain_file.ts";
import { isFolder } from "../store/small_files.ts";
import { StatKey } from "../store/stat_key.ts";
import type { Store } from "../store/store.ts";
import type { Artifact, SourceState, TreeEntry } from "../store/types.ts";
import { type LentFolders, MOUNT_FROM_BYTES } from "./lent_folders.ts";

/** An input with more bytes than this is not copied. */
const COPY_UP_TO_BYTES = 64 << 20;

/**
 * Nor is, for an isolated task, an output with more files: to copy a small file takes ten times as long as to link it.
 * Programs may edit their copies; the code of a kind has no permission to.
 */
const COPY_UP_TO_FILES = { program: 1000, kind: 16 };

/** What of the store a task could write to: to be checked before its result is kept. */
export type Lent = { readonly store: Store; readonly entries: readonly TreeEntry[] }[];

/** The part of a workspace that is needed to put inputs into it. */
export interface Borrower {
  readonly cwd: string;
  readonly lent: Lent;
  readonly launcher?: Launcher;
  /** It is a program's. */
  readonly isProgram?: true;
  readonly mounts: Mount[];
  /** Those that it shares with others; absent where its folders are to outlive the run. */
  readonly shared?: { readonly folders: LentFolders; readonly taken: string[] };
}

/** Where the files are that an isolated task with the working folder `cwd` sees mounted, and shares with no other. */
export const lentFolder = (cwd: string): string => `${cwd}.lent`;

/** Puts an output of another task at `path`. */
export async function lendOutput(
  borrower: Borrower,
  store: Store,
  artifact: Artifact,
  path: string,
): Promise<void> {
  const { lent, launcher, isProgram, mounts } = borrower;
  const mostFiles = launcher ? COPY_UP_TO_FILES[isProgram ? "program" : "kind"] : Infinity;
  const isSmall = bytesOf(artifact) <= COPY_UP_TO_BYTES && artifact.entries.length <= mostFiles;
  if (isSmall) return await store.materialise(artifact, path, { apart: true });
  if (!launcher) {
    await store.materialise(artifact, path);
    lent.push({ store, entries: artifact.entries });
    return;
  }
  const from = await put(borrower, store, artifact);
  if (isFolder(from)) Deno.mkdirSync(path);
  else Deno.writeTextFileSync(path, "");
  mounts.push({ from, to: path });
  for (const entry of artifact.entries) {
    if (entry.size < MOUNT_FROM_BYTES) continue;
    mounts.push({ from: store.blobPath(entry.digest), to: join(path, entry.path) });
  }
}

/** Puts an output outside of the working folder, in which a task may write also to what it has no permission for. */
async function put({ cwd, mounts, shared }: Borrower, store: Store, artifact: Artifact): Promise<string> {
  if (shared !== undefined) {
    const path = await shared.folders.take(store, artifact);
    shared.taken.push(path);
    return path;
  }
  const path = join(lentFolder(cwd), String(mounts.length));
  Deno.mkdirSync(lentFolder(cwd), { recursive: true });
  await store.materialise(artifact, path, { placeholdersFrom: MOUNT_FROM_BYTES });
  return path;
}

/** Removes what `lendOutput` would put at `path`, of which a part may be there. */
export function removeLent({ cwd, mounts }: Borrower, path: string): void {
  removeAll(path);
  removeAll(join(lentFolder(cwd), String(mounts.length)));
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
export async function lendSource(
  { launcher, mounts }: Borrower,
  source: SourceState,
  path: string,
): Promise<string[]> {
  const { artifact, kind } = source;
  if (isLarge(source)) {
    if (!launcher) Deno.symlinkSync(source.path, path, { type: kind === "file" ? "file" : "dir" });
    else {
      if (kind === "file") Deno.writeTextFileSync(path, "");
      else Deno.mkdirSync(path);
      mounts.push({ from: source.path, to: path });
    }
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
    copyWhole(from, to);
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

/**
 * Whether a source can only be read where it is: it is too large for a copy, and has symbolic links whose texts lead to
 * files of it by the way outside.
 */
export function isBoundToPlace(source: SourceState): boolean {
  return isLarge(source) && source.links.some(({ path }) => {
    if (isAbsolute(path)) return false; // It is on the way to the source.
    const target = Deno.readLinkSync(join(source.path, path));
    return isAbsolute(target) || `${join(dirname(path), target)}/`.startsWith("../");
  });
}

const isLarge = ({ artifact }: SourceState): boolean => bytesOf(artifact) > COPY_UP_TO_BYTES;

function bytesOf({ entries }: Artifact): number {
  return entries.reduce((sum, { size }) => sum + size, 0);
}
