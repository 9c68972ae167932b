/** Runs many items in few processes: start-up is paid once per process, and each result is cached at once. */

import { hostname } from "node:os";
import { basename, join } from "node:path";
import { isThere } from "../../system/is_there.ts";
import { FlowError } from "../errors.ts";
import { failureText } from "../failure.ts";
import type { ItemAction } from "../key/items.ts";
import type { ActionRecord } from "../store/types.ts";
import type { Item } from "../kind.ts";
import { executeKind, type Execution, itemsOfBatch } from "./execute.ts";
import type { JobEvent } from "../job/kind_job.ts";
import { describeExit, type ProcessResult } from "../process/process.ts";
import { resourceRequest } from "./request.ts";
import type { Assignment, ResourceRequest } from "../resources/resources.ts";
import { workSeconds } from "../plan/speed.ts";
import { SecondTries } from "./second_tries.ts";
import { protectionFacts } from "./workspace.ts";

/** What takes no longer is not worth the start of a process that would have to wait for its turn. */
const SHORT_SECONDS = 5;

/** In a message about failed items, as many are named. */
const MOST_NAMED = 10;

/**
 * Runs `missing` side by side as far as resources are free, and puts their records into `results`.
 *
 * @throws FlowError items-failed, naming the items that failed, once all others are done and kept.
 */
export async function runItemBatches(
  execution: Execution,
  missing: readonly ItemAction[],
  results: Map<string, ActionRecord>,
): Promise<ProcessResult> {
  const batches = new ItemBatches(execution, missing, results);
  await batches.run();
  return batches.outcome();
}

/** Items for one process. */
interface Batch {
  readonly folder: string;
  readonly items: readonly Item[];
  /** By item; undefined for one that has a result. */
  readonly actions: readonly (ItemAction | undefined)[];
}

class ItemBatches {
  readonly #execution: Execution;
  readonly #results: Map<string, ActionRecord>;
  readonly #waiting: ItemAction[];
  readonly #total: number;
  readonly #failed: { id: string; reason: string }[] = [];
  readonly #parts: ProcessResult[] = [];
  /** The number of processes to make batches for. */
  readonly #width: number;
  #started = 0;
  /** The files of the kind's code that changed since the items' keys were computed, and when they were looked for. */
  #edited: readonly string[] = [];
  #lookedAt = -Infinity;

  constructor(execution: Execution, missing: readonly ItemAction[], results: Map<string, ActionRecord>) {
    this.#execution = execution;
    this.#results = results;
    this.#waiting = [...missing];
    this.#total = missing.length + results.size;
    this.#width = this.#widthFor(missing.length);
  }

  /** As many processes as the machine can hold of this kind; of a short task, as many as it has room for now. */
  #widthFor(items: number): number {
    const { engine: { queue: { pool }, estimates }, resolved: { task, compute } } = this.#execution;
    const request = this.#request();
    const byCpu = request.gpu > 0 ? Infinity : Math.floor(pool.machine.cpu / Math.max(request.cpu, 1));
    const gpus = request.adapter ? 1 : request.gpu > 0 ? pool.machine.gpus.length : Infinity;
    const byGpu = Math.floor(gpus / request.gpu);
    const most = Math.max(1, Math.min(byCpu, byGpu, items));
    // Not by earlier runs: these may have had far fewer items.
    const estimate = estimates.get(task.id);
    const all = estimate === undefined ? Infinity : workSeconds(estimate, compute.device);
    return all * items / this.#total > SHORT_SECONDS ? most : 1 + pool.timesFree(request, most - 1);
  }

  #request(): ResourceRequest {
    const { engine, resolved } = this.#execution;
    return resourceRequest(resolved, engine.queue.pool.machine, engine.estimates.get(resolved.task.id));
  }

  async run(): Promise<void> {
    const { engine, assignment } = this.#execution;
    this.#showProgress();
    const size = Math.ceil(this.#waiting.length / this.#width);
    // The task's own assignment serves one process after another; each further one begins when there is room for it.
    const done = new AbortController();
    const left = this.#left().map((batch) => this.#runBatch(batch, new SecondTries(assignment)));
    const helpers = Array.from({ length: this.#width - 1 }, async () => {
      const extra = await engine.queue.acquireUntil(
        done.signal,
        this.#request(),
      );
      if (!extra) return;
      try {
        await this.#batches(size, extra);
      } finally {
        engine.queue.release(extra);
      }
    });
    // Two tasks that held a core each and waited for one more would wait for each other for ever.
    const own = this.#batches(size, assignment).finally(() => done.abort());
    // None may go on in a work folder that is removed because another one could not.
    const ended = await Promise.allSettled([own, ...helpers, ...left]);
    const failed = ended.find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
    // Of a batch that was left some items may be still to be done.
    await this.#batches(size, assignment);
  }

  async #batches(size: number, assignment: Assignment): Promise<void> {
    const tries = new SecondTries(assignment);
    while (this.#mayGoOn()) await this.#runBatch(this.#newBatch(size), tries);
  }

  outcome(): ProcessResult {
    const broken = this.#parts.find(({ reason }) => reason.kind !== "ok");
    if (this.#failed.length > 0) {
      const named = this.#failed.slice(0, MOST_NAMED).map(({ id, reason }) => `${id}: ${reason}`).join(
        "\n  ",
      );
      const more = this.#failed.length > MOST_NAMED
        ? `\n  … and ${this.#failed.length - MOST_NAMED} more`
        : "";
      throw new FlowError(
        "items-failed",
        `${this.#failed.length} of ${this.#total} items failed (the others are cached)\n  ${named}${more}`,
      );
    }
    return {
      reason: broken?.reason ?? { kind: "ok" },
      ms: this.#parts.reduce((sum, { ms }) => sum + ms, 0),
      cpuMs: this.#parts.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
      peakBytes: Math.max(0, ...this.#parts.map(({ peakBytes }) => peakBytes)),
    };
  }

  /** A process that broke before its first item, an interruption, or an edit of the code ends it all. */
  #mayGoOn(): boolean {
    return this.#waiting.length > 0 && this.#edited.length === 0 &&
      this.#parts.every(({ reason }) => reason.kind === "ok");
  }

  /** A batch of up to `size` items. */
  #newBatch(size: number): Batch {
    const folder = join(this.#execution.workspace.temporary, `batch-${this.#started++}`);
    Deno.mkdirSync(folder);
    Deno.mkdirSync(join(folder, "out"));
    const actions = this.#waiting.splice(0, size);
    return { folder, items: actions.map(({ item }) => item), actions };
  }

  /** The batches that an earlier run handed over. Their items wait no longer; those that have a result are passed over. */
  #left(): Batch[] {
    const { engine: { executor }, workspace: { cwd, temporary } } = this.#execution;
    const left: Batch[] = [];
    for (; isThere(join(temporary, `batch-${this.#started}`)); this.#started++) {
      const folder = join(temporary, `batch-${this.#started}`);
      if (!executor.isBegun(cwd, basename(folder))) continue;
      const items = itemsOfBatch(folder);
      const actions = items.map(({ id }) => {
        const at = this.#waiting.findIndex(({ item }) => item.id === id);
        return at < 0 ? undefined : this.#waiting.splice(at, 1)[0];
      });
      left.push({ folder, items, actions });
    }
    return left;
  }

  /** One process for the items of a batch. */
  async #runBatch({ folder, items, actions }: Batch, tries: SecondTries): Promise<void> {
    const { engine, resolved, workspace } = this.#execution;
    const out = join(folder, "out");
    let running: number | undefined;
    const ended = new Set<number>();
    const kept: Promise<void>[] = [];
    const onEvent = (event: JobEvent) => {
      if (event.event !== "item") return;
      if ("started" in event) {
        running = event.position;
        return;
      }
      running = undefined;
      ended.add(event.position);
      const action = actions[event.position];
      if (action === undefined) return;
      if (event.error === undefined) {
        kept.push(this.#keep(action, join(out, String(event.position)), event.ms));
      } else this.#fail(action, event.error);
    };
    const result = await executeKind({
      ...this.#execution,
      workspace: { ...workspace, temporary: folder, out },
      assignment: tries.assignment,
      mode: { do: "items", items },
      scratch: engine.store.scratchFolder(resolved.key),
      onEvent,
    });
    await Promise.all(kept);
    const { reason } = result;
    const isAgain = reason.kind === "job" && tries.isWorthwhile(reason.how);
    const isOfAll = running === undefined || reason.kind === "lost" ||
      (reason.kind === "job" && reason.how === "cancelled");
    if (reason.kind === "interrupted" || reason.kind === "ok" || (isOfAll && !isAgain)) {
      this.#parts.push(result);
      return;
    }
    // The process died on one item: that one has failed, those behind it go to the next process.
    const dead = isAgain ? undefined : actions[running!];
    if (isAgain) engine.observer.actionRetried?.(resolved.task.id, describeExit(reason), 0);
    if (dead !== undefined) this.#fail(dead, describeExit(reason) + (result.note ?? ""));
    this.#parts.push({ ...result, reason: { kind: "ok" } });
    this.#waiting.unshift(
      ...actions.filter((action, position) => action !== undefined && action !== dead && !ended.has(position))
        .map((action) => action!),
    );
  }

  async #keep(action: ItemAction, folder: string, ms: number): Promise<void> {
    const { engine: { store, shared, run }, resolved: { compute: { device } } } = this.#execution;
    const { key, manifest, sources } = action;
    const ended = performance.now();
    const started = new Date(Date.now() - ms).toISOString();
    const facts = {
      started,
      ms,
      device,
      host: hostname(),
      run,
      ...protectionFacts(this.#execution.workspace),
    };
    const beforeRecord = () => {
      // One look serves all items that had ended before it.
      if (this.#edited.length === 0 && this.#lookedAt <= ended) {
        this.#lookedAt = performance.now();
        this.#edited = this.#execution.resolved.kind.changedCode();
      }
      return [...this.#edited, ...sources.flatMap((source) => store.drifted(source))];
    };
    try {
      const { record, joined, drift } = await store.publish({
        key,
        manifest,
        folder,
        stays: this.#execution.workspace.outlives,
        facts,
        beforeRecord,
      });
      if (record) {
        this.#results.set(action.item.id, record);
        if (!joined) shared?.offer(record);
      } else this.#fail(action, `changed while it was read: ${drift.join(", ")}`);
    } catch (error) {
      this.#fail(action, failureText(error, store.folder));
    }
    this.#showProgress();
  }

  #fail({ item }: ItemAction, reason: string): void {
    this.#failed.push({ id: item.id, reason });
    this.#showProgress();
  }

  #showProgress(): void {
    const { engine, resolved } = this.#execution;
    const done = this.#results.size + this.#failed.length;
    engine.observer.actionProgress?.(resolved.task.id, { done, total: this.#total, unit: "items" });
  }
}
