/**
 * A work that is done on a node's own disk. Its process sees the copy of the work folder in the place of the one in the
 * store, by a mount; or, where tasks are not isolated, works in it.
 */

import { join } from "node:path";
import { FlowError } from "../errors.ts";
import { FOLDER_MOVED } from "../executor/executor.ts";
import { messageOf } from "../failure.ts";
import type { KindJob } from "../job/kind_job.ts";
import { writeWhole } from "../store/plain_file.ts";
import { StatKey } from "../store/stat_key.ts";
import { isThere } from "../../system/is_there.ts";
import { readJson, type WorkFile } from "./files.ts";
import { PassedEvents } from "./passed_events.ts";
import { inJson, ScratchCopy } from "./scratch_copy.ts";
import { ScratchFolder } from "./scratch_folder.ts";
import { type NodeScratch, scratchError, scratchPath } from "./scratch_setting.ts";
import type { PlacedWork, WorkPlace } from "./work_place.ts";

export class ScratchPlace implements WorkPlace {
  readonly #copy: ScratchCopy;
  /** The copy as it was made. */
  readonly #made: StatKey;
  /** Of a kind. */
  readonly #job?: KindJob;
  readonly #events?: PassedEvents;

  private constructor(readonly folder: ScratchFolder, copy: ScratchCopy, readonly work: PlacedWork) {
    this.#copy = copy;
    this.#made = StatKey.ofLink(copy.local)!;
    if (work.jobFile === undefined) return;
    this.#job = readJson<KindJob>(copy.at(work.jobFile))!;
    this.#events = new PassedEvents(copy, this.#job);
  }

  /** Copies the work folder. @throws FlowError scratch where the node has no such folder, or no room in it */
  static async open(work: WorkFile, scratch: NodeScratch): Promise<ScratchPlace> {
    const base = scratchPath(scratch, (name) => Deno.env.get(name));
    const { process: { cwd }, jobFile } = work;
    let folder: ScratchFolder | undefined;
    try {
      folder = ScratchFolder.make(base);
      const local = join(folder.path, "work");
      await ScratchCopy.make(cwd, jobFile, local);
      const isIsolated = work.readable !== undefined;
      const copy = new ScratchCopy(scratch, local, cwd, isIsolated ? cwd : local);
      return new ScratchPlace(folder, copy, isIsolated ? mounted(work, local) : moved(work, copy));
    } catch (error) {
      folder?.remove();
      throw scratchError(scratch, `${base} can't be used there: ${messageOf(error)}`);
    }
  }

  at(path: string): string {
    return this.#copy.at(path);
  }

  keep(path: string): Promise<void> {
    return this.#copy.keep([path]);
  }

  report(): void {
    this.#events?.pass();
  }

  async finish(isGood: boolean): Promise<void> {
    const problem = await this.#events?.end();
    if (!isGood) return;
    if (problem !== undefined) throw problem;
    if (!StatKey.ofLink(this.#copy.local)?.isSameFile(this.#made)) {
      throw new FlowError("folder-replaced", FOLDER_MOVED);
    }
    const { cwd } = this.work.process;
    // Outputs of items are there.
    const out = this.#job?.mode.do === "items" ? [] : ["out"];
    const replaced = ["in", "tmp"].filter((name) => this.#isReplaced(join(cwd, name)));
    await this.#copy.keep([...out, ...replaced].map((name) => join(cwd, name)));
  }

  note(): string {
    return this.#copy.fullNote();
  }

  remove(): void {
    this.folder.remove();
  }

  /** A link in the place of a folder is for the driver to refuse. */
  #isReplaced(path: string): boolean {
    const at = this.#copy.at(path);
    return isThere(at) && !Deno.lstatSync(at).isDirectory;
  }
}

function mounted({ process, mounts, jobFile }: WorkFile, local: string): PlacedWork {
  return { process, jobFile, mounts: [{ from: local, to: process.cwd, writable: true }, ...mounts] };
}

/** The work with the paths of the copy, also in its job file. The log stays in the store. */
function moved({ process, mounts, jobFile }: WorkFile, { cwd, local }: ScratchCopy): PlacedWork {
  const move = (json: string) => json.replaceAll(inJson(cwd), () => inJson(local));
  const there: Pick<PlacedWork, "process" | "jobFile"> = JSON.parse(
    move(JSON.stringify({ process, jobFile })),
  );
  const file = there.jobFile;
  if (file !== undefined) writeWhole(file, move(Deno.readTextFileSync(file)));
  return { ...there, process: { ...there.process, logFile: process.logFile }, mounts };
}
