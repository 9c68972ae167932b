/** The facts of a run: its command, how its tasks ended, and what its result was made from. */

import type { ExpandedTask, Override, TaskOutputRef } from "../definition/expanded.ts";
import type { ActionOutcome, RunObserver } from "../events.ts";
import { inputRefs, isSource, upstream } from "../definition/task_refs.ts";
import type { ActionKey } from "../store/types.ts";

/** One task of the run that made a result. */
export interface RunTaskFacts {
  readonly id: string;
  readonly task: string;
  readonly kind: string;
  /** Validated, with the kind's defaults. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly key: ActionKey;
  /** `joined`: another run made it meanwhile. */
  readonly outcome: ActionOutcome["outcome"];
  /** Its duration when it was run. */
  readonly ms: number;
  readonly needs: readonly string[];
}

/** An input of the result: the output of a task, or a source, whose path stays private. */
export type InputFacts = Pick<TaskOutputRef, "task" | "output"> | { readonly source: "file" | "folder" };

/** The facts that are written in place of a placeholder (see `RunFactsDeclaration`). */
export interface RunFacts {
  readonly run: string;
  readonly workflow: string;
  /** The command line of the run. */
  readonly command: string;
  /** The output that is the result, and the inputs of its task by name, in the order of the workflow. */
  readonly result: {
    readonly task: string;
    readonly output: string;
    readonly inputs: Readonly<Record<string, readonly InputFacts[]>>;
  };
  readonly tasks: readonly RunTaskFacts[];
  /** The values that its profile and its command line replaced. */
  readonly overrides: readonly Override[];
}

/** The inputs of a task by name. */
export function inputFacts(task: ExpandedTask): Record<string, InputFacts[]> {
  const facts: Record<string, InputFacts[]> = {};
  for (const { name, ref } of inputRefs(task)) {
    (facts[name] ??= []).push(
      isSource(ref) ? { source: ref.source } : { task: ref.task, output: ref.output },
    );
  }
  return facts;
}

/** Remembers how the tasks of a run ended. */
export class RunOutcomes implements RunObserver {
  readonly #outcomes = new Map<string, Pick<RunTaskFacts, "outcome" | "key" | "ms">>();

  actionEnded(ended: ActionOutcome): void {
    if (ended.outcome === "failed" || ended.outcome === "skipped") return;
    const { id, key, outcome } = ended;
    this.#outcomes.set(id, { key, outcome, ms: outcome === "ran" ? ended.ms : ended.savedMs });
  }

  allReused(ids: readonly string[], keys: readonly ActionKey[], savedMs: readonly number[]): void {
    ids.forEach((id, i) => this.#outcomes.set(id, { key: keys[i], outcome: "reused", ms: savedMs[i] }));
  }

  /** The facts of those of `tasks` that have a result in this run. */
  facts(tasks: readonly ExpandedTask[]): RunTaskFacts[] {
    return tasks.flatMap((task) => {
      const ended = this.#outcomes.get(task.id);
      return ended
        ? [{
          id: task.id,
          task: task.task,
          kind: task.kind,
          params: task.params,
          ...ended,
          needs: upstream(task),
        }]
        : [];
    });
  }
}
