/** Writes the page of a run while it goes on: where its result will be, that leads there in the end. */

import { basename, dirname, relative } from "node:path";
import { listRun } from "../history/run_list.ts";
import { Standings } from "../history/standings.ts";
import { note } from "../display/terminal.ts";
import type { RunObserver } from "../events.ts";
import { messageOf } from "../failure.ts";
import type { TaskOutputs } from "../key/resolve.ts";
import type { PicturesDeclaration } from "../kind.ts";
import { own } from "../own.ts";
import { onDisk } from "../store/io.ts";
import { makeFolder } from "../store/layout.ts";
import { replaceFile } from "../store/replace_file.ts";
import type { Store } from "../store/store.ts";
import type { FileDigest } from "../store/types.ts";
import { RunWatcher } from "../watch/watched_run.ts";
import type { Project, RunningPageText } from "./open_workflow.ts";

const EVERY_MS = 3000;
/** So many tasks are shown with pictures, each of at most so many bytes. */
const MOST_SHOWN = 6;
const LARGEST = 2 ** 21;
const MEDIA: Readonly<Record<string, string>> = { png: "image/png", jpg: "image/jpeg", jpeg: "image/jpeg" };

interface KeptTask {
  readonly id: string;
  readonly kind: string;
}

type Page = Awaited<ReturnType<typeof loadPage>>;

/**
 * The page beside the folder of a result, `results/birds.html`. It is begun with the first task that has to be run, and
 * written in between, so that no task waits for it.
 */
export class RunningPage implements RunObserver {
  readonly #path: string;
  readonly #load: () => Promise<Page>;
  readonly #store: Store;
  readonly #kept: { readonly task: KeptTask; readonly outputs: TaskOutputs }[] = [];
  readonly #made: { task: string; pictures: string[] }[] = [];
  #page: Page | undefined;
  #isBegun = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<void> = Promise.resolve();
  #problem: string | undefined;

  /** @param folder where the result will be */
  constructor(project: Project, store: Store, folder: string, run: string) {
    this.#store = store;
    this.#path = `${folder}.html`;
    this.#load = () => loadPage(project, store, run);
  }

  actionStarted(): void {
    if (this.#isBegun) return;
    this.#isBegun = true;
    // The record of the run is written by then.
    this.#timer = setTimeout(async () => {
      await this.#writeAgain();
      if (this.#problem === undefined) note(`open ${this.#path} to see how far the run is`);
    });
  }

  /** What a task has made is shown, if its kind says where pictures are. */
  learn(task: KeptTask, outputs: TaskOutputs): void {
    this.#kept.push({ task, outputs });
  }

  /**
   * The page of the run that has ended: of what took its place, if that is known.
   *
   * @param result the path of the result's page
   * @returns why the page could not be written, if so
   */
  async end(result: string | undefined): Promise<string | undefined> {
    clearTimeout(this.#timer);
    await this.#writing;
    if (this.#page === undefined) return this.#problem;
    const url = result && relative(dirname(this.#path), result);
    await this.#write(url === undefined ? undefined : { seconds: 0, url });
    return this.#problem;
  }

  async #writeAgain(): Promise<void> {
    await (this.#writing = this.#write({ seconds: EVERY_MS / 1000 }));
    if (this.#problem !== undefined) return;
    this.#timer = setTimeout(() => this.#writeAgain(), EVERY_MS);
    Deno.unrefTimer(this.#timer);
  }

  async #write(next: Parameters<RunningPageText["runningPage"]>[3]): Promise<void> {
    try {
      const { watcher, runningPage, pictures } = this.#page ??= await this.#load();
      for (const { task, outputs } of this.#kept.splice(0)) {
        this.#show(task, outputs, own(pictures, task.kind));
      }
      const seen = await watcher.look();
      const text = runningPage(seen, this.#made, new Date().toISOString(), next);
      onDisk("write the page of the run", () => {
        makeFolder(dirname(this.#path));
        replaceFile(this.#path, text);
      });
    } catch (error) {
      // A run does not depend on its page.
      this.#problem = `${basename(this.#path)}: ${messageOf(error)}`;
    }
  }

  #show(task: KeptTask, outputs: TaskOutputs, declared: PicturesDeclaration | undefined): void {
    if (!declared || this.#made.length === MOST_SHOWN) return;
    const { output, files, most } = declared;
    const ref = own(outputs, output);
    const found = (ref && this.#store.artifact(ref)?.entries || []).filter(({ path, size }) =>
      files.test(path) && size <= LARGEST
    );
    const count = Math.min(most, found.length);
    const shown = Array.from({ length: count }, (_, i) => found[Math.floor(i * found.length / count)]);
    const pictures = shown.flatMap(({ path, digest }) => {
      const media = own(MEDIA, path.slice(path.lastIndexOf(".") + 1));
      const url = media && bytesOf(this.#store, digest)?.toBase64();
      return url === undefined ? [] : [`data:${media};base64,${url}`];
    });
    if (pictures.length > 0) this.#made.push({ task: task.id, pictures });
  }
}

/** What is needed once there is something to show. */
async function loadPage(project: Project, store: Store, run: string) {
  const [{ runningPage }, { curves = {}, pictures = {}, standings = [] }] = await Promise.all([
    project.runningPage(),
    project.registry(),
  ]);
  const steps = new Set(Object.values(curves).map(({ step }) => step));
  const listed = listRun(store.folder, run)!;
  const watcher = new RunWatcher(store.folder, listed, steps, new Standings(store, standings));
  return { runningPage, pictures, watcher };
}

function bytesOf(store: Store, digest: FileDigest): Uint8Array | undefined {
  try {
    return store.bytes.of(digest);
  } catch {
    return undefined; // It was removed, or is damaged: then the run says so.
  }
}
