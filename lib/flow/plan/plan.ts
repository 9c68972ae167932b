/** What a run would do, and why; nothing is changed by asking. */

import type { ExpandedTask } from "../definition/expanded.ts";
import { FlowError } from "../errors.ts";
import type { ActionRecord } from "../store/types.ts";
import type { Evaluator } from "./evaluator.ts";
import type { History } from "./history.ts";
import type { RecalledPlan } from "./recall.ts";
import { type ResolvedTask, type TaskOutputs, upstream } from "./resolve.ts";

export type PlannedTask =
  & { readonly task: ExpandedTask }
  & (
    | { readonly state: "kept"; readonly resolved: ResolvedTask; readonly record: ActionRecord }
    | {
      readonly state: "run";
      readonly resolved: ResolvedTask;
      readonly reasons: readonly string[];
      readonly expectedMs?: number;
    }
    /** An input is not known until `after` have run; if they give the same bits as before, this task is kept. */
    | { readonly state: "may-run"; readonly after: readonly string[]; readonly expectedMs?: number }
  );

/** @param tasks in topological order; what they need is among them or has a recalled result */
export async function planTasks(
  tasks: readonly ExpandedTask[],
  evaluator: Evaluator,
  history: History,
  recalled?: RecalledPlan,
): Promise<PlannedTask[]> {
  const outputs = new Map<string, TaskOutputs>();
  const planned: PlannedTask[] = [];
  for (const task of tasks) {
    const needs = recalled ? recalled.staleUpstream(task) : upstream(task);
    const after = needs.filter((id) => !outputs.has(id));
    const expectedMs = recalled?.msOf(task) ?? history.expectedMs(task.id);
    if (after.length > 0) {
      planned.push({ task, state: "may-run", after, expectedMs });
      continue;
    }
    const outputsOf = (id: string) => outputs.get(id) ?? recalled!.outputsOf(id)!;
    const resolved = await evaluator.resolve(task, outputsOf).catch((error) => {
      throw error instanceof FlowError
        ? new FlowError(error.code, `task ${task.id}: ${error.message}`)
        : error;
    });
    const found = await evaluator.lookup(resolved);
    if (found.state === "kept") {
      outputs.set(task.id, found.record.outputs);
      planned.push({ task, state: "kept", resolved, record: found.record });
    } else {
      planned.push({ task, state: "run", resolved, reasons: found.reasons, expectedMs });
    }
  }
  return planned;
}
