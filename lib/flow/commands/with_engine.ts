/** The engine that runs actions for a command: a signal interrupts it, and it is closed when the command is done. */

import type { RunObserver } from "../events.ts";
import type { Executor } from "../executor/executor.ts";
import { localExecutor } from "../executor/local_executor.ts";
import type { ExpectedLauncher } from "../isolation/expected_launcher.ts";
import { Isolation } from "../isolation/isolation.ts";
import { Watchdog } from "../process/watchdog.ts";
import { giveBackFreedMemory } from "../../system/freed_memory.ts";
import { thisMachine } from "../resources/machine.ts";
import type { Estimates } from "../plan/estimate.ts";
import { ResourceQueue } from "../resources/resource_queue.ts";
import { ResourcePool } from "../resources/resources.ts";
import { Cleaning, type Engine } from "../run/engine.ts";
import { LentFolders } from "../run/lent_folders.ts";
import { Space } from "../run/space.ts";
import type { SharedCache } from "../remote/shared_cache.ts";
import type { Store } from "../store/store.ts";
import type { Planner } from "./open_workflow.ts";

/** Signals that end a run: Ctrl-C, and where there is one, the request to terminate. */
const INTERRUPTS: readonly Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];

export interface EngineOptions {
  /** Where results are looked up and kept. */
  readonly store: Store;
  /** The store with the outputs of other tasks; by default `store`. */
  readonly inputStore?: Store;
  /** The id of the run. */
  readonly run: string;
  /** The number of processors to use; by default all. */
  readonly cpu?: number;
  readonly observer: RunObserver;
  /** Where results are found and sent to; a rebuild has none. */
  readonly shared?: SharedCache;
  /** By task; a rebuild has none. */
  readonly estimates?: Estimates;
  /** Whether tasks begin however little room the disk has. */
  readonly ignoreSpace?: boolean;
  /** See `Isolation`. */
  readonly launcher?: ExpectedLauncher;
  /** By default processes run on this machine. It is closed with the engine. */
  readonly executor?: Executor;
}

/** Calls `body` with an engine, which can't be used after that. */
export async function withEngine<Result>(
  { history, kindFolder, ownKinds }: Planner,
  options: EngineOptions,
  body: (engine: Engine) => Promise<Result>,
): Promise<Result> {
  const {
    store,
    inputStore = store,
    shared,
    run,
    cpu,
    observer,
    estimates = new Map(),
    ignoreSpace,
    launcher,
  } = options;
  const abort = new AbortController();
  const watchdog = new Watchdog(store);
  const executor = options.executor ?? localExecutor(watchdog);
  let interrupted: Promise<void> | undefined;
  const listeners = INTERRUPTS.map((signal) => ({
    signal,
    listener() {
      interrupted ??= executor.onInterrupt(signal).then((what) => abort.abort(what));
    },
  }));
  const cleaning = new Cleaning();
  const isolation = new Isolation(store, launcher);
  const stopTrimming = giveBackFreedMemory();
  for (const { signal, listener } of listeners) Deno.addSignalListener(signal, listener);
  try {
    const result = await body({
      store,
      inputStore,
      shared,
      space: new Space(store.folder, ignoreSpace),
      queue: new ResourceQueue(new ResourcePool(executor.machine ?? thisMachine(cpu), executor.overbooking)),
      history,
      observer,
      estimates,
      signal: abort.signal,
      kindFolder,
      ownKinds,
      run,
      cleaning,
      lentFolders: new LentFolders(store),
      executor,
      isolation,
    });
    await cleaning.done();
    return result;
  } finally {
    stopTrimming();
    await Promise.all([executor.close(), watchdog.close(), isolation.close()]);
    for (const { signal, listener } of listeners) Deno.removeSignalListener(signal, listener);
  }
}
