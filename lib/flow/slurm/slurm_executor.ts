/** The executor of a cluster with Slurm: processes are batch jobs, which go on without the driver. */

import { dirname, join } from "node:path";
import { FlowError } from "../errors.ts";
import {
  type Executor,
  LEAVE,
  type LeaveOrCancel,
  type Submitted,
  type WorkOrder,
} from "../executor/executor.ts";
import { messageOf } from "../failure.ts";
import { vectorInstructions } from "../key/vector_instructions.ts";
import type { Machine } from "../resources/resources.ts";
import { entriesOf, tryRemoveAll } from "../store/layout.ts";
import { replaceFile } from "../store/replace_file.ts";
import type { Store } from "../store/store.ts";
import type { ActionKey } from "../store/types.ts";
import { isThere } from "../../system/is_there.ts";
import {
  type Allocation,
  elementId,
  type JobElement,
  mayAppear,
  readAllocations,
  submitBatch,
} from "./allocations.ts";
import { batchesOf, type Waiting } from "./batches.ts";
import { type ClusterSize, clusterSize, patiently, scancel } from "./commands.ts";
import { jobsFolder, readJson, type ResultFile, type WorkFile, workPath, workPaths } from "./files.ts";
import { removeFinished } from "./finished.ts";
import { Followed } from "./followed.ts";
import { hasEnded } from "./job_end.ts";
import { makeJobFolder, removeEmpty } from "./job_folders.ts";
import { jobOptions } from "./job_options.ts";
import { Queue } from "./queue.ts";
import { choiceFor, type SlurmSettings } from "./settings.ts";

/** Works that are handed over within this time can share a job. */
const GATHER_MS = 100;
const LOOK_MS = 200;
/** Works that are expected to take less than this are put together where there are too many to run side by side. */
const SMALL_MS = 60_000;
const MOST_SMALL = 50;
/** Whether it has begun is looked for at so many works at once: on a network file system each look takes a while. */
const MOST_WAITING = 50;
/** So much is waiting in Slurm's queue, in terms of the cluster: more would say nothing to its scheduler. */
const OVERBOOKING = 50;

/** What the executor of a store is opened with. */
export interface SlurmOptions {
  readonly store: Store;
  readonly settings: SlurmSettings;
  /** Asks whether jobs are to be left or cancelled when the run is interrupted. */
  readonly ask: () => Promise<LeaveOrCancel>;
  readonly warn: (text: string) => void;
  /** Makes the packages that modules need ready for nodes, which may have no network. */
  readonly prepare: (modules: readonly string[]) => Promise<void>;
}

/** Submits processes as jobs, and follows those of this run and of earlier ones. */
export class SlurmExecutor implements Executor {
  readonly overbooking = OVERBOOKING;
  readonly machine: Machine;
  readonly #queue = new Queue();
  /** By the path of the work. */
  readonly #elements = new Map<string, JobElement>();
  readonly #followed = new Map<string, Followed>();
  #waiting: (Waiting & { readonly followed: Followed })[] = [];
  #loop: Promise<void> | undefined;
  #submitting: Promise<void> = Promise.resolve();
  #cancelling: Promise<unknown> = Promise.resolve();
  #hasWarned = false;
  #isClosed = false;
  /** Elements that are to be cancelled with one command. */
  #unwanted: JobElement[] = [];

  private constructor(readonly options: SlurmOptions, readonly size: ClusterSize) {
    const { cpu, memoryMB, gpus } = size;
    this.machine = { cpu, memoryMB, gpus: Array.from({ length: gpus }, (_, i) => String(i)) };
  }

  /** @throws FlowError slurm */
  static async open(options: SlurmOptions): Promise<SlurmExecutor> {
    const executor = new SlurmExecutor(options, await clusterSize(options.settings.partition));
    await patiently(() => executor.#queue.ask(), () => executor.#queue.problem);
    if (executor.#queue.problem !== undefined) {
      throw new FlowError("slurm", `Slurm can't be used: ${executor.#queue.problem}`);
    }
    // While their results are there: those of the states that a chain has passed are freed when it ends.
    removeFinished(options.store);
    for (const allocation of readAllocations(options.store.folder)) executor.#know(allocation);
    return executor;
  }

  submit(work: WorkOrder): Submitted {
    const path = workPath(work.process.cwd, work.step);
    const known = readJson<WorkFile>(workPaths(path).work);
    const id = known?.id ?? crypto.randomUUID();
    const waitMs = this.options.settings.waitSeconds * 1000;
    const followed = new Followed(work, path, id, waitMs, (one) => this.#cancel(one));
    followed.element = this.#elements.get(path);
    this.#follow(followed);
    if (followed.element === undefined) this.#hand(followed, known);
    return followed;
  }

  newFolder(key: ActionKey): string {
    const folder = join(jobsFolder(this.options.store.folder), key, crypto.randomUUID().slice(0, 8), "work");
    makeJobFolder(folder);
    return folder;
  }

  async leftFolder(key: ActionKey, isUsable: (cwd: string) => boolean): Promise<string | undefined> {
    const all = join(jobsFolder(this.options.store.folder), key);
    let found: string | undefined;
    for (const name of entriesOf(all)) {
      const attempt = join(all, name);
      const cwd = join(attempt, "work");
      if (found === undefined && this.#works(attempt).some((path) => this.#isOfUse(path)) && isUsable(cwd)) {
        found = cwd;
      } else await this.#discard(attempt);
    }
    return found;
  }

  forget(cwd: string): void {
    const attempt = dirname(cwd);
    tryRemoveAll(attempt);
    removeEmpty(dirname(attempt));
  }

  isBegun(cwd: string, step: string): boolean {
    return isThere(workPaths(workPath(cwd, step)).work);
  }

  /** Nobody is asked when the driver is told to terminate: at the end of a session jobs go on. */
  onInterrupt(signal: Deno.Signal): Promise<LeaveOrCancel> {
    return signal === "SIGINT" ? this.options.ask() : Promise.resolve<LeaveOrCancel>(LEAVE);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#submitting;
    await this.#cancelling;
    await this.#loop;
  }

  #works(attempt: string): string[] {
    const ending = ".work.json";
    return entriesOf(attempt).filter((name) => name.endsWith(ending)).map((name) =>
      join(attempt, name.slice(0, -ending.length))
    );
  }

  /** Whether a work that an earlier run handed over has a result, or can get one. */
  #isOfUse(path: string): boolean {
    const { work, result } = workPaths(path);
    if (readJson<ResultFile>(result)?.id === readJson<WorkFile>(work)?.id) return true;
    const element = this.#elements.get(path);
    return element !== undefined && this.#isAlive(element);
  }

  #isAlive(element: JobElement): boolean {
    const queued = this.#queue.find(element);
    return queued === undefined ? mayAppear(element.allocation) : !hasEnded(queued);
  }

  async #discard(attempt: string): Promise<void> {
    const elements = this.#works(attempt).flatMap((path) => this.#elements.get(path) ?? []);
    await scancel(elements.filter((element) => this.#isAlive(element)).map(elementId));
    tryRemoveAll(attempt);
  }

  #know(allocation: Allocation): void {
    allocation.elements.forEach((paths, index) => {
      for (const path of paths) this.#elements.set(path, { allocation, index });
    });
  }

  #follow(followed: Followed): void {
    const { work: { signal } } = followed;
    this.#followed.set(followed.path, followed);
    const interrupt = () => signal.reason === LEAVE ? followed.leave() : followed.cancel();
    signal.addEventListener("abort", interrupt, { once: true });
    followed.ended.then(() => {
      signal.removeEventListener("abort", interrupt);
      this.#followed.delete(followed.path);
      if (followed.isBack) this.#release(followed.element!);
    });
    if (signal.aborted) interrupt();
    this.#loop ??= this.#run().finally(() => (this.#loop = undefined));
  }

  /** Writes down what is to be done, and gathers it with others. */
  async #hand(followed: Followed, known: WorkFile | undefined): Promise<void> {
    const { work, path, id } = followed;
    const choice = choiceFor(this.options.settings, work.kind, work.task);
    try {
      if (known === undefined) {
        await this.options.prepare(work.modules);
        const file = workFile(id, work, this.options.store.folder, choice.scratch);
        replaceFile(workPaths(path).work, JSON.stringify(file));
      }
    } catch (error) {
      return followed.fail({ kind: "not-started", message: messageOf(error) });
    }
    if (followed.isSettled) return;
    const isSmall = work.expectedMs !== undefined && work.expectedMs < SMALL_MS;
    const perJob = choice.perJob ?? (isSmall ? MOST_SMALL : 1);
    if (this.#waiting.length === 0) {
      // What is handed over while other works are submitted shares the next job.
      setTimeout(() => (this.#submitting = this.#submitting.then(() => this.#flush())), GATHER_MS);
    }
    this.#waiting.push({ path, options: jobOptions(work, choice, this.size.largest), perJob, followed });
  }

  async #flush(): Promise<void> {
    const works = this.#waiting.filter(({ followed }) => !followed.isSettled);
    this.#waiting = [];
    for (const batch of batchesOf(works, this.size.cpu)) {
      const paths = new Set(batch.elements.flat());
      const own = works.filter(({ path }) => paths.has(path)).map(({ followed }) => followed);
      try {
        await submitBatch(this.options.store.folder, batch, (allocation) => {
          this.#know(allocation);
          for (const followed of own) followed.element = this.#elements.get(followed.path);
        });
      } catch (error) {
        for (const followed of own) {
          followed.fail({ kind: "job", how: "refused", message: messageOf(error) });
        }
      }
    }
    this.#queue.expectChanges();
  }

  #cancel(followed: Followed): void {
    const { element } = followed;
    if (element === undefined) return followed.leave();
    if (this.#unwanted.length === 0) setTimeout(() => this.#endUnwanted(), GATHER_MS);
    this.#unwanted.push(element);
  }

  #endUnwanted(): void {
    this.#queue.expectChanges();
    const ids = new Set(this.#unwanted.map(elementId));
    this.#unwanted = [];
    this.#cancelling = Promise.all([this.#cancelling, scancel([...ids])]);
  }

  /** Of an element that waits to be started again nothing is left to be done, unless other works wait in it. */
  #release({ allocation, index }: JobElement): void {
    const isWanted = [...this.#followed.values()].some(({ element }) =>
      element?.allocation === allocation && element.index === index
    );
    if (!isWanted) {
      this.#cancelling = Promise.all([this.#cancelling, scancel([elementId({ allocation, index })])]);
    }
  }

  /** Until nothing is left to be followed. */
  async #run(): Promise<void> {
    while (this.#followed.size > 0 && !this.#isClosed) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      if (this.#queue.isDue) {
        await this.#queue.ask();
        this.#tellProblem();
        if (this.#queue.problem === undefined) {
          for (const one of this.#followed.values()) one.judge(this.#queue);
        }
      } else this.#look();
    }
  }

  /** Of the works of an element only the first is looked at that has not ended: the others wait for it. */
  #look(): void {
    const seen = new Set<string>();
    let waiting = 0;
    for (const followed of this.#followed.values()) {
      const { element } = followed;
      if (element === undefined || seen.has(elementId(element))) continue;
      if (followed.poll()?.state === "pending" && waiting++ > MOST_WAITING) continue;
      followed.look();
      if (!followed.isSettled) seen.add(elementId(element));
    }
  }

  #tellProblem(): void {
    const { problem } = this.#queue;
    if (problem !== undefined && !this.#hasWarned) {
      this.options.warn(`Slurm does not answer, and is asked again: ${problem}`);
    }
    this.#hasWarned = problem !== undefined;
  }
}

function workFile(
  id: string,
  { task, process, mounts, launcher, jobFile, chain }: WorkOrder,
  store: string,
  scratch: string | undefined,
): WorkFile {
  const { argv, env, cwd, logFile, mark, timeLimitMs } = process;
  return {
    id,
    task,
    process: { argv, env, cwd, logFile, mark, timeLimitMs },
    mounts,
    readable: launcher?.setup.readable,
    store,
    jobFile,
    chain,
    scratch,
    processor: vectorInstructions(),
  };
}
