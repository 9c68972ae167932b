/** What everything that runs in one run shares. */

import type { KindRegistry } from "../kind.ts";
import type { History } from "../history/history.ts";
import type { Isolation } from "../isolation/isolation.ts";
import type { Estimates } from "../plan/estimate.ts";
import type { SharedCache } from "../remote/shared_cache.ts";
import type { Store } from "../store/store.ts";
import type { ActionKey, ActionRecord } from "../store/types.ts";
import type { RunObserver } from "../events.ts";
import type { ResourceQueue } from "../resources/resource_queue.ts";
import type { Tracer } from "../trace/tracer.ts";
import type { Executor } from "../executor/executor.ts";
import type { LentFolders } from "./lent_folders.ts";
import type { Space } from "./space.ts";
import { StatKey } from "../store/stat_key.ts";

/** The stores, resources and processes that the actions of a run share. */
export interface Engine {
  /** Where results are looked up and kept. */
  readonly store: Store;
  /** The store with the outputs of other tasks; differs from `store` only in a rebuild. */
  readonly inputStore: Store;
  /** Where results of others are found, and results are sent to. */
  readonly shared?: SharedCache;
  readonly queue: ResourceQueue;
  readonly space: Space;
  readonly history: History;
  readonly observer: RunObserver;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** What tasks will need and write, by id. */
  readonly estimates: Estimates;
  /** The folder with the kinds' modules. */
  readonly kindFolder: string;
  /** The files of kinds that are elsewhere. */
  readonly ownKinds: KindRegistry["ownKinds"];
  /** The id of the run. */
  readonly run: string;
  readonly cleaning: Cleaning;
  readonly lentFolders: LentFolders;
  /** Where processes run. */
  readonly executor: Executor;
  readonly isolation: Isolation;
  /** Traces every process, in a `verify --trace`. */
  readonly tracer?: Tracer;
}

/** Work folders that are done with: removed while nothing waits for it, or emptied and used again. */
export class Cleaning {
  readonly #pending = new Set<Promise<void>>();
  readonly #spares: { folder: string; remove: () => Promise<void> }[] = [];

  now(remove: () => Promise<void>): void {
    const done: Promise<void> = remove().finally(() => this.#pending.delete(done));
    this.#pending.add(done);
  }

  /**
   * Keeps an emptied folder for the next action. ext4 without a journal does not use an inode again for some time after
   * its removal, and looks at all of these with each file it makes: a run of small actions that makes and removes folders
   * gets slower with every one of them.
   */
  spare(folder: string, remove: () => Promise<void>): void {
    this.#spares.push({ folder, remove });
  }

  takeSpare(): string | undefined {
    for (let spare = this.#spares.pop(); spare !== undefined; spare = this.#spares.pop()) {
      // Others remove the work folders of a process that they take for dead.
      if (StatKey.ofLink(spare.folder) !== undefined) return spare.folder;
    }
  }

  async done(): Promise<void> {
    for (const { remove } of this.#spares.splice(0)) this.now(remove);
    await Promise.all(this.#pending);
  }
}

/**
 * The record of a key if all its outputs are present and intact, or could be fetched from a shared cache; undefined if it
 * has to be run.
 */
export async function usableRecord(
  { store, shared }: Pick<Engine, "store" | "shared">,
  key: ActionKey,
): Promise<ActionRecord | undefined> {
  const record = store.getRecord(key);
  if (record && (await store.checkOutputs(record)).length === 0) return record;
  return await shared?.bringResult(key);
}

export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
