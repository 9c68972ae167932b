/** Plans a run: what would run, and why. Changes nothing. */

import type { ExpandedTask } from "../definition/expanded.ts";
import { FlowError } from "../errors.ts";
import type { ActionRecord } from "../store/types.ts";
import { LostResult, type TaskResolver } from "./task_resolver.ts";
import type { History } from "../history/history.ts";
import type { RecalledPlan } from "../snapshot/recall.ts";
import type { ResolvedTask, TaskOutputs } from "../key/resolve.ts";
import { upstream } from "../definition/task_refs.ts";

/** A task with its planned state: cached, to run, waiting for tasks that run, or blocked by missing inputs. */
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
    /** Sources are missing: `problems` with its own, `behind` the tasks it depends on that are blocked themselves. */
    | { readonly state: "blocked"; readonly problems: readonly string[]; readonly behind: readonly string[] }
  );

/** @param tasks in topological order; their dependencies are among them or have a recalled result */
export async function planTasks(
  tasks: readonly ExpandedTask[],
  resolver: TaskResolver,
  history: History,
  recalled?: RecalledPlan,
): Promise<PlannedTask[]> {
  for (;;) {
    try {
      if (resolver.shared) await askAhead(tasks, resolver, recalled);
      return await planOnce(tasks, resolver, history, recalled);
    } catch (error) {
      // It is not found again, and so planned as one that has to run.
      if (!(error instanceof LostResult)) throw error;
    }
  }
}

/** Asks shared caches for many results at once: each answer takes a while, and is remembered. */
async function askAhead(
  tasks: readonly ExpandedTask[],
  resolver: TaskResolver,
  recalled?: RecalledPlan,
): Promise<void> {
  const asked = new Map<string, Promise<TaskOutputs | undefined>>();
  const ask = async (task: ExpandedTask): Promise<TaskOutputs | undefined> => {
    const needs = upstream(task);
    const known = await Promise.all(needs.map((id) => asked.get(id) ?? recalled?.outputsOf(id)));
    if (known.includes(undefined)) return undefined;
    try {
      const resolved = await resolver.resolve(task, (id) => known[needs.indexOf(id)]!);
      const found = await resolver.lookup(resolved);
      return found.state === "kept" ? found.record.outputs : undefined;
    } catch {
      return undefined; // It is told when the task is planned.
    }
  };
  for (const task of tasks) asked.set(task.id, ask(task));
  await Promise.all(asked.values());
}

async function planOnce(
  tasks: readonly ExpandedTask[],
  resolver: TaskResolver,
  history: History,
  recalled?: RecalledPlan,
): Promise<PlannedTask[]> {
  const outputs = new Map<string, TaskOutputs>();
  const blocked = new Set<string>();
  const planned: PlannedTask[] = [];
  const block = (task: ExpandedTask, problems: readonly string[], behind: readonly string[]) => {
    blocked.add(task.id);
    planned.push({ task, state: "blocked", problems, behind });
  };
  for (const task of tasks) {
    const needs = recalled ? recalled.staleUpstream(task) : upstream(task);
    const after = needs.filter((id) => !outputs.has(id));
    const expectedMs = recalled?.msOf(task) ?? history.expectedMs(task);
    if (after.length > 0) {
      // A recalled plan knows which sources are missing, and most tasks need no check.
      const problems = recalled?.changes.lost.size === 0 ? [] : resolver.missingSources(task);
      const behind = after.filter((id) => blocked.has(id));
      if (problems.length + behind.length > 0) block(task, problems, behind);
      else planned.push({ task, state: "may-run", after, expectedMs });
      continue;
    }
    const outputsOf = (id: string) => outputs.get(id) ?? recalled!.outputsOf(id)!;
    let resolved: ResolvedTask;
    try {
      resolved = await resolver.resolve(task, outputsOf);
    } catch (error) {
      if (!(error instanceof FlowError) || error instanceof LostResult) throw error;
      if (!error.code.startsWith("source-") && error.code !== "value-refused") {
        throw new FlowError(error.code, `task ${task.id}: ${error.message}`);
      }
      block(task, [error.message], []);
      continue;
    }
    const found = await resolver.lookup(resolved);
    if (found.state === "kept") {
      outputs.set(task.id, found.record.outputs);
      planned.push({ task, state: "kept", resolved, record: found.record });
    } else {
      planned.push({ task, state: "run", resolved, reasons: found.reasons, expectedMs });
    }
  }
  return planned;
}

/** Why a task has no result as it is defined now, a phrase each. */
export function reasonsOf(planned: Exclude<PlannedTask, { state: "kept" }>): readonly string[] {
  switch (planned.state) {
    case "run":
      return planned.reasons;
    case "may-run":
      return [`after ${planned.after.join(", ")}`, ...unknownValues(planned)];
    case "blocked": {
      const { problems, behind } = planned;
      return behind.length > 0 ? [...problems, `it can't be planned before ${behind.join(", ")}`] : problems;
    }
  }
}

/** The params whose values are not known yet. */
function unknownValues({ task: { values = [] }, after }: PlannedTask & { state: "may-run" }): string[] {
  const unknown = values.filter((value) => after.includes(value.task));
  return unknown.length > 0 ? [`${unknown.map(({ keys }) => keys.join(".")).join(", ")} not known yet`] : [];
}
