/** Shared by the commands about one task. */

import type { ExpandedWorkflow } from "../definition/expanded.ts";
import { FlowError } from "../errors.ts";
import { type PlannedTask, planTasks, reasonsOf } from "../plan/plan.ts";
import { namedTask, withUpstream } from "../plan/select.ts";
import { type LastRun, lastRunOf } from "../history/last_run.ts";
import type { SharedCache } from "../remote/shared_cache.ts";
import type { Store } from "../store/store.ts";
import { commandText } from "./command_text.ts";
import { type KeptTasks, usingKeptTasks } from "./kept_tasks.ts";
import { type CommonOptions, openWorkflow, type Project } from "./open_workflow.ts";

export interface OneTask {
  readonly planned: PlannedTask;
  readonly store: Store;
  readonly workflow: ExpandedWorkflow;
  readonly shared?: SharedCache;
  /** What to type to run it. */
  readonly runCommand: string;
  /** Whatever has changed since. */
  lastRun(): LastRun | undefined;
  /** Calls `body` with all tasks of the workflow. */
  withAll(body: (tasks: KeptTasks) => Promise<void>): Promise<void>;
}

/** Calls `body` with the plan of the one task that is named. */
export async function withTask(
  project: Project,
  workflowName: string,
  taskName: string,
  options: CommonOptions,
  body: (task: OneTask) => Promise<number> | number,
): Promise<number> {
  const opened = await openWorkflow(project, workflowName, [taskName], options);
  const { store, workflow, resolver, history, shared } = opened;
  try {
    await store.beginUse();
    const task = namedTask(workflow, taskName);
    const all = await planTasks(withUpstream(workflow, [task]), resolver, history);
    const planned = all.find((one) => one.task.id === task.id)!;
    const runCommand = commandText("run", [workflowName, task.id], options);
    const lastRun = () => lastRunOf(store.folder, workflow.name, task.id, history);
    const withAll = (body: (tasks: KeptTasks) => Promise<void>) =>
      usingKeptTasks(opened, workflowName, options, body);
    return await body({ planned, store, workflow, shared, runCommand, lastRun, withAll });
  } finally {
    store.close();
  }
}

/** How the state of a task without a result is printed. */
export const WOULD = { run: "would run", "may-run": "may run", blocked: "can't run" };

/** Why a task has no result as it is defined now. */
export function whyNot(planned: Exclude<PlannedTask, { state: "kept" }>): string {
  return planned.state === "may-run"
    ? `${planned.after.join(", ")} must run first`
    : reasonsOf(planned).join("; ");
}

export function notRun({ planned, runCommand }: OneTask): FlowError {
  const { task: { id } } = planned;
  const why = planned.state === "kept" ? "" : `: ${whyNot(planned)}`;
  return new FlowError(
    "not-run",
    `there is no result of ${id}${why}; run it with: ${runCommand}`,
  );
}
