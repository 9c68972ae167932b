/**
 * Folders on a node's own disk, each for one work. Beside each is written which process uses it, so that the next job of the
 * same user on the node finds what one that was killed has left.
 *
 *     <base>/protoflow-<user>/<id>         for a work
 *     <base>/protoflow-<user>/<id>.owner   its process; written before, removed after
 */

import { join } from "node:path";
import { warn } from "../display/terminal.ts";
import { entriesOf, tryRemoveAll } from "../store/layout.ts";
import { hasSurelyEnded, parseOwner, thisOwner } from "../store/owner.ts";
import { replaceFile } from "../store/replace_file.ts";
import { readOrEmpty } from "../store/small_files.ts";
import { isMissing } from "../../system/is_there.ts";
import { removeEmpty } from "./job_folders.ts";

const OWNER = ".owner";
/** Others remove the folder of the user as long as it is empty. */
const MOST_TRIES = 20;

/** A folder of this process. Remove it at the end. */
export class ScratchFolder {
  private constructor(readonly path: string) {}

  /**
   * Makes a folder below `base`, which is there, and removes what processes that have ended left beside it.
   *
   * @throws what the system refuses
   */
  static make(base: string): ScratchFolder {
    const all = join(base, `protoflow-${Deno.uid()}`);
    const path = join(all, crypto.randomUUID().slice(0, 8));
    for (let tries = 1;; tries++) {
      try {
        makeOwn(all);
        replaceFile(path + OWNER, JSON.stringify(thisOwner("a job")));
        break;
      } catch (error) {
        if (!isMissing(error) || tries === MOST_TRIES) throw error;
      }
    }
    const folder = new ScratchFolder(path);
    try {
      removeLeft(all);
      Deno.mkdirSync(path);
    } catch (error) {
      folder.remove();
      throw error;
    }
    return folder;
  }

  /** What the system refuses to remove stays for the next job. */
  remove(): void {
    removeWithOwner(this.path);
    removeEmpty(join(this.path, ".."));
  }
}

/** In a folder for all users, such as /tmp, anybody may have made one of that name. */
function makeOwn(path: string): void {
  try {
    return Deno.mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
  const { isDirectory, uid } = Deno.lstatSync(path);
  if (!isDirectory || uid !== Deno.uid()) throw new Error(`${path} is no folder, or belongs to another user`);
}

function removeLeft(all: string): void {
  for (const name of entriesOf(all)) {
    if (!name.endsWith(OWNER)) continue;
    const owner = parseOwner(readOrEmpty(join(all, name)));
    if (owner !== undefined && hasSurelyEnded(owner)) {
      removeWithOwner(join(all, name.slice(0, -OWNER.length)));
    }
  }
}

function removeWithOwner(path: string): void {
  const problem = tryRemoveAll(path) ?? tryRemoveAll(path + OWNER);
  if (problem !== undefined) warn(`${path} can't be removed: ${problem}`);
}
