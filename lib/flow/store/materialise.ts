/** Puts the files of an artifact where a task finds them: reflink, hard link or copy, whichever the disk can and pays. */
import { dirname } from "node:path";
import { codeOf } from "../../system/error_code.ts";
import type { Blobs } from "./blobs.ts";
import { storeError } from "./io.ts";
import { entriesOf, LAYOUT, makeFolder, removeAll } from "./layout.ts";
import { copyWhole, writeWhole } from "./plain_file.ts";
import type { Artifact, FileDigest, TreeEntry } from "./types.ts";

/** A shorter file is linked also where the disk could share its bytes: a link is no new file (see run/engine.ts). */
const SHARE_FROM_BYTES = 64 << 10;

export interface MaterialiseOptions {
  /** No file may share its bytes with the store in a way that a write to it could change these. */
  readonly apart?: boolean;
  /** Files of at least this size are made empty: their bytes will be mounted over them. */
  readonly placeholdersFrom?: number;
}

export class Materialiser {
  /** Blobs that are linked to below a work folder, so that their change time is kept up when the links go. */
  readonly #linked = new Map<string, FileDigest[]>();
  #reflinks: boolean | undefined;

  constructor(readonly folder: string, readonly blobs: Blobs) {}

  /**
   * Creates a read-only file or folder at `path` with the artifact's content.
   *
   * @throws StoreError store-io if a blob is missing or damaged; it has been quarantined then
   */
  async put(
    artifact: Artifact,
    path: string,
    { apart = false, placeholdersFrom = Infinity }: MaterialiseOptions = {},
  ): Promise<void> {
    await this.blobs.require(artifact.entries);
    try {
      if (artifact.entries.length !== 1 || artifact.entries[0].path !== "") {
        makeFolder(path);
      }
      const made = new Set<string>([path]);
      for (const entry of artifact.entries) {
        const target = entry.path === "" ? path : `${path}/${entry.path}`;
        const parent = dirname(target);
        if (entry.path !== "" && !made.has(parent)) {
          makeFolder(parent);
          made.add(parent);
        }
        if (entry.size >= placeholdersFrom) Deno.writeTextFileSync(target, "");
        else this.#putFile(entry, target, apart);
      }
    } catch (error) {
      throw storeError(`put an input at ${path}`, error);
    }
  }

  /** Removes a work folder. Blobs that were linked below it are remembered under the stat keys that they have then;
   * without such links it is done off this thread, since a disk may take milliseconds for it. */
  async remove(folder: string): Promise<void> {
    const digests = this.#linkedBelow(folder);
    if (digests.length > 0) return this.blobs.relink(digests, () => removeAll(folder));
    await Deno.remove(folder, { recursive: true }).catch(() => removeAll(folder));
  }

  /** Deletes the content of a folder. */
  empty(folder: string): void {
    this.blobs.relink(this.#linkedBelow(folder), () => {
      for (const name of entriesOf(folder)) removeAll(`${folder}/${name}`);
    });
  }

  #linkedBelow(folder: string): FileDigest[] {
    const digests: FileDigest[] = [];
    for (const [path, linked] of this.#linked) {
      if (path !== folder && !path.startsWith(`${folder}/`)) continue;
      digests.push(...linked);
      this.#linked.delete(path);
    }
    return digests;
  }

  #putFile({ digest, size, executable }: TreeEntry, target: string, apart: boolean): void {
    const packed = this.blobs.packs.blob(digest);
    if (packed !== undefined) {
      return writeWhole(target, packed, { createNew: true, mode: executable ? 0o555 : 0o444 });
    }
    const blob = this.blobs.path(digest);
    const share = apart || (size >= SHARE_FROM_BYTES && this.#canReflink(blob));
    if (!executable && !share && this.#link(digest, blob, target)) return;
    copyWhole(blob, target);
    if (executable) Deno.chmodSync(target, 0o555);
  }

  /** False where the disk can't link, or the file has as many links as it can have. */
  #link(digest: FileDigest, blob: string, target: string): boolean {
    try {
      this.blobs.relink([digest], () => Deno.linkSync(blob, target));
    } catch (error) {
      if (!cannotLink(error)) throw error;
      return false;
    }
    const folder = this.#workFolderOf(target);
    const linked = this.#linked.get(folder);
    if (linked === undefined) this.#linked.set(folder, [digest]);
    else linked.push(digest);
    return true;
  }

  /** Links outside of the store stay, so they need no upkeep. */
  #workFolderOf(target: string): string {
    return target.startsWith(`${this.folder}/${LAYOUT.work}/`) ? dirname(target) : "";
  }

  /** Tried out with the first file: a copy then shares its bytes, as copy_file_range(2) and clonefile(2) make it. */
  #canReflink(blob: string): boolean {
    if (this.#reflinks === undefined) {
      const trial = `${this.folder}/${LAYOUT.work}/reflink-${crypto.randomUUID()}`;
      this.#reflinks = Deno.build.os === "darwin" || cpReflinks(blob, trial);
    }
    return this.#reflinks;
  }
}

/** Another disk, a disk without links, a system that does not permit them, or too many of them. */
function cannotLink(error: unknown): boolean {
  const codes = ["EXDEV", "EMLINK", "EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"];
  return codes.includes(codeOf(error) ?? "");
}

function cpReflinks(from: string, to: string): boolean {
  try {
    return new Deno.Command("cp", { args: ["--reflink=always", from, to], stderr: "null" }).outputSync()
      .success;
  } catch {
    return false; // There is no `cp`.
  } finally {
    removeAll(to);
  }
}
