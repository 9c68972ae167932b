/** A folder of the user's that holds a copy of a result, with a note by which an edit of any file of it is seen. */

import { replaceFile } from "../store/replace_file.ts";
import { basename, dirname, join } from "node:path";
import { printableJson } from "../display/printable.ts";
import { digestFiles } from "../store/digest.ts";
import { LAYOUT, makeFolder, removeAll } from "../store/layout.ts";
import { readPlainText } from "../store/plain_file.ts";
import { preciseNow } from "../store/file_clock.ts";
import { StatKey } from "../store/stat_key.ts";
import type { Store } from "../store/store.ts";
import type { FileDigest, TreeDigest } from "../store/types.ts";
import { readFolder } from "../../system/read_folder.ts";

/** A path below the folder; its key where it can be told from another file by that alone. */
interface PlacedPath {
  readonly path: string;
  readonly holds: FileDigest | "folder" | "something else";
  readonly key?: string;
}

interface Note {
  /** Of the output that was placed. */
  readonly output: TreeDigest;
  readonly paths: readonly PlacedPath[];
}

export class PlacedFolder {
  readonly #store: Store;
  /** Notes and unfinished copies; no workflow has a name that begins with a dot. */
  readonly #aside: string;
  readonly #noteFile: string;

  constructor(store: Store, readonly folder: string) {
    this.#store = store;
    this.#aside = join(dirname(folder), ".placed");
    this.#noteFile = join(this.#aside, `${basename(folder)}.json`);
  }

  /** Does the folder hold what was placed there of this output? Only looks at stat keys. */
  isUntouched(output: TreeDigest): boolean {
    const note = this.#note();
    return note?.output === output &&
      note.paths.every(({ path, key }) =>
        key !== undefined && StatKey.ofLink(join(this.folder, path))?.toString() === key
      );
  }

  /** Is something there that is not what was placed of this output? */
  async isEdited(output: TreeDigest): Promise<boolean> {
    const now = await this.#look();
    return now !== undefined && this.#note()?.output === output && !this.#agrees(now);
  }

  /** The same by the bytes of all files. Notes their keys, so that they need not be read again. */
  async isSame(output: TreeDigest): Promise<boolean> {
    const now = await this.#look();
    if (now === undefined || this.#note()?.output !== output || !this.#agrees(now)) return false;
    this.#write({ output, paths: now });
    return true;
  }

  /**
   * Puts a folder in place of the one that is there. No other process may do so at the same time.
   *
   * @param fill writes the new folder at a path
   * @returns where a folder was moved that held other files than were placed; undefined where there was none
   */
  async replace(output: TreeDigest, fill: (folder: string) => void): Promise<string | undefined> {
    makeFolder(this.#aside);
    this.#removeUnfinished();
    const unfinished = join(this.#aside, `${basename(this.folder)}.new`);
    fill(unfinished);
    const before = await this.#look();
    const isForeign = before !== undefined && !this.#isOurs(before);
    const old = isForeign ? this.#quarantined() : join(this.#aside, `${basename(this.folder)}.old`);
    if (before !== undefined) Deno.renameSync(this.folder, old);
    Deno.renameSync(unfinished, this.folder);
    this.#write({ output, paths: (await this.#look())! });
    if (isForeign) return old;
    if (before !== undefined) removeAll(old);
  }

  /** What a process that was killed has left. */
  #removeUnfinished(): void {
    for (const ending of ["new", "old"]) removeAll(join(this.#aside, `${basename(this.folder)}.${ending}`));
  }

  /** In a new folder: what is set aside is removed some time after that, and only its owner may set its times. */
  #quarantined(): string {
    const stamp = new Date().toISOString().replaceAll(/[-:]/g, "").slice(0, 15);
    const name = `${stamp}-${crypto.randomUUID().slice(0, 8)}-result`;
    const folder = join(this.#store.folder, LAYOUT.quarantine, name);
    makeFolder(folder);
    return join(folder, basename(this.folder));
  }

  #agrees(now: readonly PlacedPath[]): boolean {
    const noted = this.#note()?.paths;
    return noted?.length === now.length && this.#isOurs(now);
  }

  /** Is there no file but such as were placed? */
  #isOurs(now: readonly PlacedPath[]): boolean {
    const noted = new Map(this.#note()?.paths.map(({ path, holds }) => [path, holds]));
    return now.every(({ path, holds }) => holds !== "something else" && noted.get(path) === holds);
  }

  /** Everything that is in the folder; undefined where there is none. */
  async #look(): Promise<PlacedPath[] | undefined> {
    const found = [...below(this.folder, "")];
    if (found.length === 0) return undefined;
    const now = preciseNow();
    const files = found.filter(({ key }) => key.isFile);
    const readable = files.map(({ path, key }) => ({ path: join(this.folder, path), size: key.size }));
    const digests = await digestFiles(readable);
    const digestOf = new Map(files.map(({ path }, i) => [path, digests[i]]));
    return found.map(({ path, key }) => ({
      path,
      holds: digestOf.get(path) ?? (key.isFolder ? "folder" : "something else"),
      key: this.#store.digester.settling.trusts(key, now) ? key.toString() : undefined,
    }));
  }

  #note(): Note | undefined {
    try {
      return JSON.parse(readPlainText(this.#noteFile));
    } catch {
      return undefined; // Nothing was placed yet, or the note is damaged: then all of it is looked at.
    }
  }

  #write(note: Note): void {
    replaceFile(this.#noteFile, printableJson(note));
  }
}

/** A folder with all that is below it. A link is one to whatever it leads to. */
function* below(root: string, path: string): Generator<{ path: string; key: StatKey }> {
  const absolute = join(root, path);
  const key = StatKey.ofLink(absolute);
  if (key === undefined) return;
  yield { path, key };
  if (!key.isFolder) return;
  for (const { name } of readFolder(absolute)) {
    yield* below(root, path === "" ? name : `${path}/${name}`);
  }
}
