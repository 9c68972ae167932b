/** A copy of a work folder on a node's own disk: where what is, and the way back to the store. */

import { basename, dirname, join } from "node:path";
import { FlowError } from "../errors.ts";
import { messageOf } from "../failure.ts";
import { isDiskFull } from "../free_space.ts";
import { entriesOf, makeFolder, removeAll, tryRemoveAll } from "../store/layout.ts";
import { TEMPORARY } from "../store/replace_file.ts";
import { isThere } from "../../system/is_there.ts";
import { copyAll } from "./copy_all.ts";
import { type NodeScratch, scratchAdvice } from "./scratch_setting.ts";

/** Folders of a process for items begin with it; each has all that its process needs. */
const BATCH = "batch-";

/** A work folder in two places. Paths are given as the process sees them. */
export class ScratchCopy {
  /**
   * @param local the copy
   * @param cwd the work folder in the store
   * @param seen as which of them the process sees the copy
   */
  constructor(
    readonly scratch: NodeScratch,
    readonly local: string,
    readonly cwd: string,
    readonly seen: string,
  ) {}

  /** Makes the copy; of what other processes of the task have, nothing. @throws Error with the refusal of the system */
  static async make(cwd: string, jobFile: string | undefined, local: string): Promise<void> {
    const own = basename(dirname(jobFile ?? ""));
    const tmp = entriesOf(join(cwd, "tmp")).filter((name) => name === own || !name.startsWith(BATCH));
    makeFolder(join(local, "tmp"));
    await copyAll(["in", "out"].map((name) => join(cwd, name)), local);
    await copyAll(tmp.map((name) => join(cwd, "tmp", name)), join(local, "tmp"));
  }

  at(path: string): string {
    return join(this.local, path.slice(this.seen.length));
  }

  inStore(path: string): string {
    return join(this.cwd, path.slice(this.seen.length));
  }

  /** A text of JSON with the paths of the work folder in the store. */
  jsonForStore(text: string): string {
    return text.replaceAll(inJson(this.seen), () => inJson(this.cwd));
  }

  /**
   * Puts what is at these paths, all in one folder, into the store: each is complete once it has its name. What is not there
   * is not there then.
   *
   * @throws FlowError scratch
   */
  async keep(paths: readonly string[]): Promise<void> {
    if (paths.length === 0) return;
    const folder = `${dirname(this.inStore(paths[0]))}.${crypto.randomUUID().slice(0, 8)}${TEMPORARY}`;
    const there = paths.filter((path) => isThere(this.at(path)));
    try {
      makeFolder(folder);
      await copyAll(there.map((path) => this.at(path)), folder);
      for (const path of paths) removeAll(this.inStore(path));
      for (const path of there) Deno.renameSync(join(folder, basename(path)), this.inStore(path));
    } catch (error) {
      const what = `what the task has made can't be copied to the store from the node ${this.scratch.node}`;
      throw new FlowError("scratch", `${what}: ${messageOf(error)}`);
    } finally {
      tryRemoveAll(folder);
    }
  }

  /** Words to add to a failure which the full disk may have caused; nothing where there is room. */
  fullNote(): string {
    const { node } = this.scratch;
    return isDiskFull(this.local)
      ? `; no space is left on the disk of ${this.local} on the node ${node}; ${scratchAdvice(this.scratch)}`
      : "";
  }
}

/** A path within a text of JSON. */
export const inJson = (path: string): string => JSON.stringify(path).slice(1, -1);
