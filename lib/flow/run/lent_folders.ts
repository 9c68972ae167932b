/** Folders with the files of outputs, which isolated tasks see mounted: tasks of a run that read the same output share one. */

import { dirname } from "node:path";
import { StatKey } from "../store/stat_key.ts";
import type { Store } from "../store/store.ts";
import type { Artifact } from "../store/types.ts";

/** So many stay that no task has at the moment: the next segment of a chain reads what the one before it has read. */
const MOST_UNUSED = 4;

/** A file of at least this size is empty there: it is mounted on its own. */
export const MOUNT_FROM_BYTES = 64 << 20;

interface LentFolder {
  readonly path: string;
  readonly made: Promise<void>;
  users: number;
}

/** No task can write to what is mounted for it, so the next one finds what was put there. */
export class LentFolders {
  /** By store and digest; those that were given back last come last. */
  readonly #folders = new Map<string, LentFolder>();

  /** @param store holds the folders */
  constructor(readonly store: Store) {}

  /**
   * The path of a read-only file or folder with the content of an output. Give it back once.
   *
   * @param from the store that has the output
   * @throws StoreError store-io if a file of it is missing or damaged
   */
  async take(from: Store, artifact: Artifact): Promise<string> {
    const name = `${artifact.digest} ${from.folder}`;
    const known = this.#folders.get(name);
    // Others remove the work folders of a process that they take for dead.
    const isThere = known !== undefined && StatKey.ofLink(dirname(known.path)) !== undefined;
    const folder = isThere ? known : this.#make(name, from, artifact);
    folder.users++;
    try {
      await folder.made;
      if (isThere) await from.requireBlobs(artifact);
    } catch (error) {
      // Who reads it already goes on; it is removed with this process's work folders.
      this.#folders.delete(name);
      throw error;
    }
    return folder.path;
  }

  #make(name: string, from: Store, artifact: Artifact): LentFolder {
    const path = `${this.store.workFolder("lent")}/output`;
    const made = from.materialise(artifact, path, { placeholdersFrom: MOUNT_FROM_BYTES });
    const folder = { path, made, users: 0 };
    this.#folders.set(name, folder);
    return folder;
  }

  /** The task that had taken `path` has ended. */
  async giveBack(path: string): Promise<void> {
    const found = [...this.#folders].find(([, folder]) => folder.path === path);
    if (found === undefined) return;
    const [name, folder] = found;
    folder.users--;
    this.#folders.delete(name);
    this.#folders.set(name, folder);
    const unused = [...this.#folders].filter(([, { users }]) => users === 0).slice(0, -MOST_UNUSED);
    for (const [name] of unused) this.#folders.delete(name);
    await Promise.all(unused.map(([, { path }]) => this.store.removeFolder(dirname(path))));
  }
}
