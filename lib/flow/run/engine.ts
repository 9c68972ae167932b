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

/** Work that has to be done before the run ends, but that nothing else waits for. */
export class Cleaning {
  readonly #pending = new Set<Promise<void>>();

  add(work: Promise<void>): void {
    const done = work.finally(() => this.#pending.delete(done));
    this.#pending.add(done);
  }

  async done(): Promise<void> {
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
