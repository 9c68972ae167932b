/** A run: every task of a workflow in its turn, as its inputs become known. */

import type { ExpandedTask } from "../definition/expanded.ts";
import { FlowError } from "../errors.ts";
import type { Evaluator } from "../plan/evaluator.ts";
import { type ResolvedTask, type TaskOutputs, upstream } from "../key/resolve.ts";
import type { ActionKey } from "../store/types.ts";
import type { ActionResult } from "./action.ts";
import type { Engine } from "./engine.ts";
import type { ActionOutcome, RunSummary } from "../events.ts";
import { runTask } from "./task.ts";

export interface WorkflowRunOptions {
  readonly engine: Engine;
  readonly evaluator: Evaluator;
  /** What to run, in topological order and closed under dependencies but for tasks that are held. */
  readonly tasks: readonly ExpandedTask[];
  /** The outputs of a task that is known to have its result. */
  readonly heldOutputs?: (id: string) => TaskOutputs | undefined;
  /** Whether what does not depend on a failed task goes on. */
  readonly keepGoing: boolean;
  /** Called with everything that is known of a task once it has a result. */
  readonly onKept?: (resolved: ResolvedTask, outputs: TaskOutputs, ms: number) => void;
}

/** A source that is edited again and again while it is read is given up after so many tries. */
const MOST_DRIFTS = 3;

export type RunTotals = Omit<RunSummary, "store" | "run">;

/** Runs all tasks; resolves when nothing is left that could be run. */
export async function runWorkflow(options: WorkflowRunOptions): Promise<RunTotals> {
  return await new WorkflowRun(options).run();
}

class WorkflowRun {
  readonly #options: WorkflowRunOptions;
  readonly #outputs = new Map<string, TaskOutputs>();
  readonly #blocked = new Map<string, number>();
  readonly #dependents = new Map<string, ExpandedTask[]>();
  readonly #ready: ExpandedTask[] = [];
  readonly #settled = new Set<string>();
  readonly #totals = { ran: 0, reused: 0, joined: 0, failed: 0, skipped: 0, savedMs: 0 };
  readonly #begin = performance.now();
  #running = 0;
  #wake = () => {};
  #failed: string | undefined;

  constructor(options: WorkflowRunOptions) {
    this.#options = options;
    const wanted = new Set(options.tasks.map(({ id }) => id));
    for (const task of options.tasks) {
      const needs = upstream(task).filter((id) => wanted.has(id));
      this.#blocked.set(task.id, needs.length);
      for (const id of needs) {
        const dependents = this.#dependents.get(id);
        if (dependents) dependents.push(task);
        else this.#dependents.set(id, [task]);
      }
      if (needs.length === 0) this.#ready.push(task);
    }
  }

  async run(): Promise<RunTotals> {
    for (let next = 0; next < this.#ready.length || this.#running > 0;) {
      if (next < this.#ready.length) await this.#evaluate(this.#ready[next++]);
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    this.#skipRest();
    return { ...this.#totals, ms: performance.now() - this.#begin };
  }

  readonly #outputsOf = (id: string): TaskOutputs => this.#outputs.get(id) ?? this.#options.heldOutputs!(id)!;

  /** Takes over a kept result, or begins to run the task. */
  async #evaluate(task: ExpandedTask): Promise<void> {
    const { engine, evaluator } = this.#options;
    if (engine.signal.aborted || (this.#failed !== undefined && !this.#options.keepGoing)) return;
    try {
      const resolved = await evaluator.resolve(task, this.#outputsOf);
      const found = await evaluator.lookup(resolved);
      if (found.state === "kept") {
        const savedMs = engine.history.msOf(task.id, resolved.key) ?? found.record.facts.ms;
        const reason = "nothing it depends on has changed";
        this.#settle(task, { outcome: "reused", id: task.id, key: resolved.key, ms: 0, reason, savedMs });
        this.#keep(resolved, found.record.outputs, savedMs);
        return;
      }
      this.#running++;
      this.#run(task, resolved, found.reasons.join("; ")).finally(() => {
        this.#running--;
        this.#wake();
      });
    } catch (error) {
      this.#fail(task, undefined, 0, error);
    }
  }

  async #run(task: ExpandedTask, resolved: ResolvedTask, reason: string): Promise<void> {
    const { engine, evaluator } = this.#options;
    try {
      for (let drifts = 0; drifts < MOST_DRIFTS; drifts++) {
        const result = await runTask(engine, resolved, reason);
        if (result.result !== "drifted") return this.#take(task, resolved, result, reason);
        reason = `${result.paths.join(", ")} changed while it was read`;
        evaluator.forget(task);
        resolved = await evaluator.resolve(task, this.#outputsOf);
        const found = await evaluator.lookup(resolved);
        if (found.state === "kept") {
          const { record } = found;
          return this.#take(task, resolved, { result: "ran", record, ms: 0 }, reason);
        }
      }
      throw new FlowError("source-changing", `${reason}, ${MOST_DRIFTS} times; nothing was kept of it`);
    } catch (error) {
      this.#fail(task, resolved.key, 0, error);
    }
  }

  #take(
    task: ExpandedTask,
    resolved: ResolvedTask,
    result: Exclude<ActionResult, { result: "drifted" }>,
    reason: string,
  ): void {
    const { history } = this.#options.engine;
    const { id } = task;
    const { key } = resolved;
    switch (result.result) {
      case "ran":
        if (result.from) reason = `goes on from step ${result.from}; ${reason}`;
        this.#settle(task, { outcome: "ran", id, key, ms: result.ms, reason });
        history.add({ task: id, key, ms: Math.round(result.ms), units: result.units, at: Date.now() });
        for (const input of resolved.inputs) {
          if (input.from === "source" && input.source.kind === "folder") {
            history.rememberTree(input.source.artifact);
          }
        }
        return this.#keep(resolved, result.record.outputs, result.ms);
      case "joined": {
        const savedMs = result.record.facts.ms;
        const joined = `was run by ${result.holder}`;
        this.#settle(task, { outcome: "joined", id, key, ms: result.ms, reason: joined, savedMs });
        return this.#keep(resolved, result.record.outputs, savedMs);
      }
      case "failed":
        this.#failed ??= id;
        return this.#settle(task, {
          outcome: "failed",
          id,
          key,
          ms: result.ms,
          reason: result.reason,
          log: result.log,
        });
      case "interrupted":
        return; // It is told with the rest that was not run.
    }
  }

  #fail(task: ExpandedTask, key: ActionKey | undefined, ms: number, error: unknown): void {
    this.#failed ??= task.id;
    const reason = error instanceof FlowError ? error.message : (error as Error).stack ?? String(error);
    this.#settle(task, { outcome: "failed", id: task.id, key, ms, reason });
  }

  /** Tells an outcome, and makes ready what waited for it or skips what depended on it. */
  #settle(task: ExpandedTask, outcome: ActionOutcome): void {
    this.#settled.add(task.id);
    this.#totals[outcome.outcome]++;
    if ("savedMs" in outcome) this.#totals.savedMs += outcome.savedMs;
    this.#options.engine.observer.actionEnded?.(outcome);
    if (outcome.outcome === "failed" || outcome.outcome === "skipped") {
      for (const dependent of this.#dependents.get(task.id) ?? []) {
        if (this.#settled.has(dependent.id)) continue;
        const reason = `needs ${task.id}, which ${outcome.outcome === "failed" ? "failed" : "was skipped"}`;
        this.#settle(dependent, { outcome: "skipped", id: dependent.id, ms: 0, reason });
      }
    }
  }

  #keep(resolved: ResolvedTask, outputs: TaskOutputs, ms: number): void {
    const { id } = resolved.task;
    this.#outputs.set(id, outputs);
    this.#options.onKept?.(resolved, outputs, ms);
    for (const dependent of this.#dependents.get(id) ?? []) {
      const left = this.#blocked.get(dependent.id)! - 1;
      this.#blocked.set(dependent.id, left);
      if (left === 0 && !this.#settled.has(dependent.id)) this.#ready.push(dependent);
    }
    this.#wake();
  }

  #skipRest(): void {
    const { engine, tasks } = this.#options;
    const reason = engine.signal.aborted
      ? "interrupted"
      : `stopped because ${this.#failed} failed (--no-keep-going)`;
    for (const task of tasks) {
      if (this.#settled.has(task.id)) continue;
      this.#totals.skipped++;
      engine.observer.actionEnded?.({ outcome: "skipped", id: task.id, ms: 0, reason });
    }
  }
}
