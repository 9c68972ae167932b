/** Results that were found in a shared cache: their files are fetched when a task reads them, or they are made again. */

import type { ExpandedTask } from "../definition/expanded.ts";
import { FlowError } from "../errors.ts";
import type { ResolvedTask, TaskOutputs } from "../key/resolve.ts";
import { type Lookup, LostResult, type TaskResolver } from "../plan/task_resolver.ts";
import type { ActionRecord } from "../store/types.ts";
import type { Engine } from "./engine.ts";
import { runTask } from "./task.ts";

export const LOST = "its result in the shared cache could not be fetched";

interface SharedInputsOptions {
  readonly engine: Engine;
  readonly resolver: TaskResolver;
  /** Outputs that are looked at after the run. */
  readonly wanted: readonly { readonly task: string; readonly output: string }[];
  readonly outputsOf: (id: string) => TaskOutputs;
  readonly onRebuilt: (resolved: ResolvedTask, record: ActionRecord, ms: number) => void;
}

export class SharedInputs {
  /** Whether a result that was made again has other bits: what took the first ones is to be looked up again. */
  diverged = false;
  readonly #found = new Map<string, ResolvedTask>();
  readonly #rebuilt = new Map<string, Promise<void>>();

  constructor(readonly options: SharedInputsOptions) {}

  /** The task's key; a result that a param takes its value from, and that can't be fetched, is made first. */
  async resolve(task: ExpandedTask): Promise<ResolvedTask> {
    for (;;) {
      try {
        return await this.options.resolver.resolve(task, this.options.outputsOf);
      } catch (error) {
        if (!(error instanceof LostResult)) throw error;
        await this.#rebuild(error.task);
      }
    }
  }

  /** Whether a result can be taken as it was found: the store has what is looked at after the run. */
  async take(resolved: ResolvedTask, found: Lookup & { readonly state: "kept" }): Promise<boolean> {
    const { engine: { shared }, wanted } = this.options;
    if (!found.isShared || shared === undefined) return true;
    const { id } = resolved.task;
    const outputs = wanted.flatMap(({ task, output }) => task === id ? found.record.outputs[output] : []);
    if (!await shared.bring(outputs)) return false;
    this.#found.set(id, resolved);
    return true;
  }

  /** Fetches what the task reads; what can't be fetched is made, and its key is then that of what was made. */
  async fetch(resolved: ResolvedTask): Promise<ResolvedTask> {
    const { shared } = this.options.engine;
    if (shared === undefined) return resolved;
    for (;;) {
      const lost = await Promise.all(
        resolved.inputs.map(async (input) =>
          input.from === "source" || await shared.bring([input.output]) ? [] : input.task
        ),
      );
      const tasks = new Set(lost.flat());
      if (tasks.size === 0) return resolved;
      for (const id of tasks) await this.#rebuild(id);
      resolved = await this.resolve(resolved.task);
    }
  }

  /** At most once: what was made here is in the store. */
  #rebuild(id: string): Promise<void> {
    let rebuilt = this.#rebuilt.get(id);
    if (rebuilt === undefined) this.#rebuilt.set(id, rebuilt = this.#rebuildNow(id));
    return rebuilt;
  }

  async #rebuildNow(id: string): Promise<void> {
    const { engine, outputsOf, onRebuilt } = this.options;
    const resolved = await this.fetch(this.#found.get(id)!);
    const result = await runTask(engine, resolved, LOST);
    if (!("record" in result)) {
      if (engine.signal.aborted) throw new LostResult(id);
      const why = result.result === "failed" ? result.reason : "what it reads has changed";
      throw new FlowError("not-run", `${id} was run again, since ${LOST}: ${why}`);
    }
    const before = outputsOf(id);
    const { outputs } = result.record;
    this.diverged ||= Object.keys(outputs).some((name) => outputs[name].digest !== before[name].digest);
    onRebuilt(resolved, result.record, result.ms);
  }
}
