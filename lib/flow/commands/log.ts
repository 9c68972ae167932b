/** `log`: the output that a task printed in its last run. */

import { logLines } from "../display/log_text.ts";
import { type KeptLog, logOf } from "../history/last_run.ts";
import { FlowError } from "../errors.ts";
import { note, print } from "../display/terminal.ts";
import { notRun, type OneTask, whyNot, withTask } from "./one_task.ts";
import type { CommonOptions, Project } from "./open_workflow.ts";

export function logCommand(
  project: Project,
  workflowName: string,
  taskName: string,
  options: CommonOptions,
): Promise<number> {
  return withTask(project, workflowName, taskName, options, async (task) => {
    const { path } = await keptLog(task) ?? await lastLog(task);
    if (path === undefined) note("it printed nothing");
    else for (const lines of logLines(path)) print(...lines);
    return 0;
  });
}

async function keptLog({ planned, store }: OneTask): Promise<KeptLog | undefined> {
  if (planned.state === "kept") return await logOf(store, { key: planned.resolved.key, outcome: "ran" });
}

/** The log of a run that failed, or that is older than the task's current key. */
async function lastLog(task: OneTask): Promise<KeptLog> {
  const { planned, store } = task;
  const last = task.lastRun();
  if (!last) throw notRun(task);
  const log = await logOf(store, last);
  const title = `${planned.task.id} was last run at ${last.started}${last.run ? ` in run ${last.run}` : ""}`;
  const how = last.outcome === "failed" ? `, and failed: ${last.reason}` : "";
  if (log === undefined) throw new FlowError("not-run", `${title}${how}; its log was not kept`);
  const isOld = planned.state !== "kept" && (planned.state !== "run" || planned.resolved.key !== last.key);
  const now = planned.state === "blocked" ? "it can't be run now" : "it would run again now";
  const since = isOld ? `; ${now}: ${whyNot(planned)}` : "";
  note(`${title}${how}${since}`);
  return log;
}
