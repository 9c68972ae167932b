/** A run: every task of a workflow in its turn, as its inputs become known. */

import type { ExpandedTask } from "../definition/expanded.ts";
import { FlowError } from "../errors.ts";
import type { AnyKind } from "../kind.ts";
import { failureText } from "../failure.ts";
import { LostResult, type TaskResolver } from "../plan/task_resolver.ts";
import type { ResolvedTask, TaskOutputs } from "../key/resolve.ts";
import type { ActionKey, ActionRecord } from "../store/types.ts";
import type { ActionResult } from "./action.ts";
import type { Engine } from "./engine.ts";
import type { ActionOutcome, RunSummary } from "../events.ts";
import { PassedStates } from "./passed_states.ts";
import { LOST, SharedInputs } from "./shared_inputs.ts";
import { runTask } from "./task.ts";
import { TaskStates } from "./task_states.ts";

export interface WorkflowRunOptions {
  readonly engine: Engine;
  readonly resolver: TaskResolver;
  /** The tasks to run, in topological order and with their dependencies, except those with cached results. */
  readonly tasks: readonly ExpandedTask[];
  /** Outputs that are looked at after the run: of a result in a shared cache, these are fetched. */
  readonly wanted?: readonly { readonly task: string; readonly output: string }[];
  /** The outputs of a task that is known to have its result. */
  readonly heldOutputs?: (id: string) => TaskOutputs | undefined;
  /** Whether tasks that do not depend on a failed task go on. */
  readonly keepGoing: boolean;
  /** What the user can do about a task that failed, if anything is known. */
  readonly adviceFor?: (task: ExpandedTask, kind: AnyKind) => string | undefined;
  /** Called with everything that is known of a task once it has a result. */
  readonly onKept?: (resolved: ResolvedTask, outputs: TaskOutputs, ms: number) => void;
}

/** A source that keeps being edited while it is read is given up after so many tries. */
const MOST_DRIFTS = 3;

/** The totals of a run, without its store and id. */
export type RunTotals = Omit<RunSummary, "store" | "run">;

/** Runs all tasks; resolves when nothing is left that could be run. @throws StoreError where the store refuses to be written to */
export async function runWorkflow(options: WorkflowRunOptions): Promise<RunTotals> {
  return await new WorkflowRun(options).run();
}

class WorkflowRun {
  readonly #options: WorkflowRunOptions;
  #states: TaskStates;
  readonly #outputs = new Map<string, TaskOutputs>();
  readonly #totals = { ran: 0, reused: 0, joined: 0, failed: 0, skipped: 0, savedMs: 0 };
  readonly #begin = performance.now();
  readonly #passed: PassedStates;
  readonly #inputs: SharedInputs;
  readonly #told = new Map<string, ActionOutcome["outcome"]>();
  #wake = () => {};
  #firstFailed: string | undefined;
  /** Reading the code of later tasks, from the first action on. */
  #readAhead: Promise<void> | undefined;
  #isOver = false;
  /** Why no task at all can be run. */
  #refusal: unknown;

  constructor(options: WorkflowRunOptions) {
    this.#options = options;
    this.#states = new TaskStates(options.tasks);
    const { engine, resolver, wanted = [] } = options;
    this.#inputs = new SharedInputs({
      engine,
      resolver,
      wanted,
      outputsOf: this.#outputsOf,
      onRebuilt: (resolved, record, ms) => this.#takeRebuilt(resolved, record, ms),
    });
    this.#passed = new PassedStates(options.engine.store, options.tasks);
  }

  async run(): Promise<RunTotals> {
    const { engine, tasks } = this.#options;
    // A trace is not isolated.
    if (tasks.length > 0 && engine.tracer === undefined) engine.isolation.expect();
    for (;;) {
      const task = this.#mayStart() ? this.#states.start() : undefined;
      if (task) {
        const lookedUp = this.#lookUp(task);
        // An answer of a shared cache takes a while: others are asked for meanwhile.
        if (engine.shared) lookedUp.finally(() => this.#wake());
        else await lookedUp;
      } else if (this.#states.running > 0) await new Promise<void>((resolve) => (this.#wake = resolve));
      else if (this.#mayStart() && this.#inputs.diverged && this.#firstFailed === undefined) {
        this.#startOver();
      } else break;
    }
    this.#isOver = true;
    await this.#readAhead;
    if (this.#refusal !== undefined) throw this.#refusal;
    this.#skipRest();
    await this.#passed.finish();
    return { ...this.#totals, ms: performance.now() - this.#begin };
  }

  readonly #outputsOf = (id: string): TaskOutputs => this.#outputs.get(id) ?? this.#options.heldOutputs!(id)!;

  #mayStart(): boolean {
    const { engine, keepGoing } = this.#options;
    return !engine.signal.aborted && this.#refusal === undefined &&
      (keepGoing || this.#firstFailed === undefined);
  }

  /** Takes over a cached result, or begins to run the task. */
  async #lookUp(task: ExpandedTask): Promise<void> {
    const { engine, resolver, tasks } = this.#options;
    try {
      const resolved = await this.#inputs.resolve(task);
      const found = await resolver.lookup(resolved);
      if (found.state === "kept" && await this.#inputs.take(resolved, found)) {
        const savedMs = engine.history.msOf(task.id, resolved.key) ?? found.record.facts.ms;
        const reason = found.isShared ? "it is in a shared cache" : "nothing it depends on has changed";
        this.#tell({ outcome: "reused", id: task.id, key: resolved.key, ms: 0, reason, savedMs });
        this.#passed.ended(resolved, false);
        return this.#keep(resolved, found.record.outputs, savedMs);
      }
      if (!this.#mayWrite()) return this.#states.interrupt(task.id);
      this.#passed.began(resolved);
      const reason = found.state === "kept" ? LOST : found.reasons.join("; ");
      this.#run(task, resolved, reason).finally(() => this.#wake());
      this.#readAhead ??= resolver.readAhead(tasks, () => !this.#isOver);
    } catch (error) {
      this.#throw(task, undefined, error);
    }
  }

  /** A store that may only be read serves a run as long as nothing has to run. */
  #mayWrite(): boolean {
    try {
      return this.#options.engine.store.leases.me !== undefined;
    } catch (error) {
      this.#refusal = error;
      return false;
    }
  }

  async #run(task: ExpandedTask, resolved: ResolvedTask, reason: string): Promise<void> {
    const { engine, resolver } = this.#options;
    try {
      for (let drifts = 0; drifts < MOST_DRIFTS; drifts++) {
        resolved = await this.#inputs.fetch(resolved);
        const result = await runTask(engine, resolved, reason);
        if (result.result === "failed") {
          return this.#take(resolved, await this.#advised(resolved, result), reason);
        }
        if (result.result !== "drifted") return this.#take(resolved, result, reason);
        reason = `${result.paths.join(", ")} changed while it was read`;
        resolver.forget(task);
        resolved = await this.#inputs.resolve(task);
        const found = await resolver.lookup(resolved);
        if (found.state === "kept") {
          return this.#take(resolved, { result: "ran", record: found.record, ms: 0 }, reason);
        }
      }
      throw new FlowError("source-changing", `${reason}, ${MOST_DRIFTS} times; nothing was cached`);
    } catch (error) {
      if (error instanceof LostResult && engine.signal.aborted) return this.#states.interrupt(task.id);
      this.#throw(task, resolved.key, error);
    }
  }

  /** A result that was found in a shared cache was made here, since its files could not be had. */
  #takeRebuilt(resolved: ResolvedTask, { outputs }: ActionRecord, ms: number): void {
    const { id } = resolved.task;
    this.#outputs.set(id, outputs);
    this.#tell({ outcome: "ran", id, key: resolved.key, ms, reason: LOST });
    this.#remember(resolved, ms, undefined);
    this.#options.onKept?.(resolved, outputs, ms);
  }

  /** Looks up all tasks again, since some took the result that was lost, and others the one that replaced it. */
  #startOver(): void {
    this.#inputs.diverged = false;
    this.#outputs.clear();
    this.#states = new TaskStates(this.#options.tasks);
  }

  async #advised<Failed extends { readonly reason: string }>(
    { task, kind }: ResolvedTask,
    failed: Failed,
  ): Promise<Failed> {
    const advice = this.#options.adviceFor?.(task, await kind.load());
    return advice === undefined ? failed : { ...failed, reason: `${failed.reason}; ${advice}` };
  }

  #take(
    resolved: ResolvedTask,
    result: Exclude<ActionResult, { result: "drifted" }>,
    reason: string,
  ): void {
    const { task: { id }, key } = resolved;
    switch (result.result) {
      case "ran":
        if (result.from) reason = `goes on from step ${result.from}; ${reason}`;
        if (result.ended !== undefined) reason = `${result.ended}; ${reason}`;
        this.#tell({ outcome: "ran", id, key, ms: result.ms, reason });
        this.#remember(resolved, result.ms, result.units);
        this.#passed.ended(resolved, true);
        return this.#keep(resolved, result.record.outputs, result.ms);
      case "joined": {
        const savedMs = result.record.facts.ms;
        const joined = `was run by ${result.holder}`;
        this.#tell({ outcome: "joined", id, key, ms: result.ms, reason: joined, savedMs });
        this.#passed.ended(resolved, true);
        return this.#keep(resolved, result.record.outputs, savedMs);
      }
      case "failed":
        return this.#fail({
          outcome: "failed",
          id,
          key,
          ms: result.ms,
          reason: result.reason,
          log: result.log,
        });
      case "interrupted":
        return this.#states.interrupt(id);
    }
  }

  #remember({ task, key, inputs }: ResolvedTask, ms: number, units: number | undefined): void {
    const { history } = this.#options.engine;
    history.add({ task: task.id, key, ms: Math.round(ms), units, at: Date.now() }, task.params);
    for (const input of inputs) {
      if (input.from === "source" && input.source.kind === "folder") {
        history.rememberTree(input.source.artifact);
      }
    }
  }

  #throw(task: ExpandedTask, key: ActionKey | undefined, error: unknown): void {
    const reason = failureText(error, this.#options.engine.store.folder);
    this.#fail({ outcome: "failed", id: task.id, key, ms: 0, reason });
  }

  #fail(outcome: ActionOutcome & { outcome: "failed" }): void {
    this.#firstFailed ??= outcome.id;
    this.#tell(outcome);
    for (const { task, upstream, upstreamState } of this.#states.fail(outcome.id)) {
      const how = upstreamState === "failed" ? "failed" : "was skipped";
      this.#tell({ outcome: "skipped", id: task.id, ms: 0, reason: `needs ${upstream}, which ${how}` });
    }
  }

  #keep(resolved: ResolvedTask, outputs: TaskOutputs, ms: number): void {
    const { id } = resolved.task;
    this.#outputs.set(id, outputs);
    this.#options.onKept?.(resolved, outputs, ms);
    this.#states.keep(id);
  }

  #skipRest(): void {
    const reason = this.#options.engine.signal.aborted
      ? "interrupted"
      : `stopped because ${this.#firstFailed} failed (--no-keep-going)`;
    for (const { id } of this.#states.skipRest()) this.#tell({ outcome: "skipped", id, ms: 0, reason });
  }

  #tell(outcome: ActionOutcome): void {
    const before = this.#told.get(outcome.id);
    if (before !== undefined) {
      if (outcome.outcome === "reused") return;
      this.#totals[before]--;
    }
    this.#told.set(outcome.id, outcome.outcome);
    this.#totals[outcome.outcome]++;
    if ("savedMs" in outcome) this.#totals.savedMs += outcome.savedMs;
    this.#options.engine.observer.actionEnded?.(outcome);
  }
}
