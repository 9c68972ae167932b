/** Selects the tasks that a command names, with their dependencies. */

import type { ExpandedTask, ExpandedWorkflow } from "../definition/expanded.ts";
import { FlowError } from "../errors.ts";
import { nearest } from "../suggest.ts";
import { upstream } from "../definition/task_refs.ts";

/**
 * The members of the named tasks: `joint` is all of its members, `joint[seed=1]` one.
 *
 * @throws FlowError `no-task` with the nearest name.
 */
export function namedTasks(workflow: ExpandedWorkflow, names: readonly string[]): ExpandedTask[] {
  if (names.length === 0) return [...workflow.tasks];
  const named = new Set<string>();
  for (const name of names) {
    const members = workflow.tasks.filter((task) => task.id === name || task.task === name);
    if (members.length === 0) throw unknownTask(workflow, name);
    for (const { id } of members) named.add(id);
  }
  return workflow.tasks.filter(({ id }) => named.has(id));
}

/** The one task that is named. */
export function namedTask(workflow: ExpandedWorkflow, name: string): ExpandedTask {
  const members = namedTasks(workflow, [name]);
  if (members.length === 1) return members[0];
  const ids = members.slice(0, 8).map(({ id }) => id).join(", ");
  throw new FlowError(
    "no-task",
    `"${name}" has ${members.length} members; name one: ${ids}${members.length > 8 ? ", …" : ""}`,
  );
}

/** `tasks` and everything upstream of them, in topological order. */
export function withUpstream(workflow: ExpandedWorkflow, tasks: readonly ExpandedTask[]): ExpandedTask[] {
  if (tasks.length === workflow.tasks.length) return [...workflow.tasks];
  const wanted = new Set(tasks.map(({ id }) => id));
  for (const task of workflow.tasks.toReversed()) {
    if (wanted.has(task.id)) { for (const id of upstream(task)) wanted.add(id); }
  }
  return workflow.tasks.filter(({ id }) => wanted.has(id));
}

function unknownTask(workflow: ExpandedWorkflow, name: string): FlowError {
  const known = [...new Set(workflow.tasks.flatMap(({ id, task }) => [task, id]))];
  const near = nearest(name, known);
  const tasks = [...new Set(workflow.tasks.map(({ task }) => task))];
  const list = tasks.slice(0, 20).join(", ") + (tasks.length > 20 ? ", …" : "");
  const help = near ? `did you mean "${near}"?` : `it has: ${list}`;
  return new FlowError("no-task", `workflow ${workflow.name} has no task "${name}"; ${help}`);
}
