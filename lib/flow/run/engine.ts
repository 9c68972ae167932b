/** What everything that runs in one run shares. */

import type { History } from "../plan/history.ts";
import type { Store } from "../store/store.ts";
import type { ActionKey, ActionRecord } from "../store/types.ts";
import type { RunObserver } from "./events.ts";
import type { ResourceQueue } from "./resource_queue.ts";

export interface Engine {
  /** Where results are looked up and kept. */
  readonly store: Store;
  /** Where the outputs of other tasks are; the same but for a rebuild beside the store. */
  readonly inputStore: Store;
  readonly queue: ResourceQueue;
  readonly history: History;
  readonly observer: RunObserver;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly device: string;
  /** The folder with the kinds' modules. */
  readonly kindFolder: string;
  /** The id of the run. */
  readonly run: string;
  readonly cleaning: Cleaning;
}

/** Beyond so many, folders are removed at once. */
const MOST_DEFERRED = 20_000;

/** Removing work folders: nothing waits for it but the end of the run. */
export class Cleaning {
  readonly #pending = new Set<Promise<void>>();
  readonly #deferred: (() => Promise<void>)[] = [];

  /** Begins at once. */
  now(remove: () => Promise<void>): void {
    const done: Promise<void> = remove().finally(() => this.#pending.delete(done));
    this.#pending.add(done);
  }

  /**
   * Puts it off to the end of the run. ext4 does not use an inode again for five seconds after its removal, and looks
   * at all of them with each file it makes: removing as one goes makes a run of small actions twice as slow.
   */
  atTheEnd(remove: () => Promise<void>): void {
    if (this.#deferred.length < MOST_DEFERRED) this.#deferred.push(remove);
    else this.now(remove);
  }

  async done(): Promise<void> {
    for (const remove of this.#deferred.splice(0)) this.now(remove);
    await Promise.all(this.#pending);
  }
}

/** The record of a key whose outputs are all there and right; undefined where it has to be run. */
export async function usableRecord(store: Store, key: ActionKey): Promise<ActionRecord | undefined> {
  const record = store.getRecord(key);
  return record && (await store.checkOutputs(record)).length === 0 ? record : undefined;
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
