/** `log`: the output that a task printed in its last run, of a chain that of all its steps. */

import { logLines } from "../display/log_text.ts";
import { chainLogs, type StepLog } from "../history/chain_logs.ts";
import { type KeptLog, logOf } from "../history/last_run.ts";
import { FlowError } from "../errors.ts";
import { note, print } from "../display/terminal.ts";
import { followLog } from "./follow_log.ts";
import { notRun, type OneTask, whyNot, withTask } from "./one_task.ts";
import type { CommonOptions, Project } from "./open_workflow.ts";

export interface LogOptions extends CommonOptions {
  /** Whether to go on while the task runs. */
  readonly follow?: boolean;
}

export function logCommand(
  project: Project,
  workflowName: string,
  taskName: string,
  options: LogOptions,
): Promise<number> {
  return withTask(project, workflowName, taskName, options, async (task) => {
    const steps = await stepLogs(task);
    if (options.follow && await followLog(task, steps)) return 0;
    const { path } = await keptLog(task) ?? await lastLog(task, steps.length > 0);
    const paths = steps.length > 0 ? steps.map(({ path }) => path) : path === undefined ? [] : [path];
    if (paths.length === 0) note("it printed nothing");
    for (const file of paths) for (const lines of logLines(file)) print(...lines);
    return 0;
  });
}

/** Of a chain: the logs of the steps that are kept as it is defined now, or else of its last run. */
async function stepLogs({ planned, store, lastRun }: OneTask): Promise<StepLog[]> {
  const now = "resolved" in planned ? planned.resolved.manifest : undefined;
  if (now && now.step === undefined) return [];
  const logs = now ? await chainLogs(store, now) : [];
  if (logs.length > 0) return logs;
  const key = lastRun()?.key;
  const before = key === undefined ? undefined : store.getRecord(key)?.manifest;
  return before ? await chainLogs(store, before) : [];
}

async function keptLog({ planned, store, shared }: OneTask): Promise<KeptLog | undefined> {
  if (planned.state !== "kept") return undefined;
  const { record: { key, facts: { log } } } = planned;
  if (!shared?.lacks(key)) return await logOf(store, { key, outcome: "ran" });
  await shared.bringLog(key);
  return { path: log && await store.fileOf(log) };
}

/** The log of a run that failed, or that is older than the task's current key. */
async function lastLog(task: OneTask, hasSteps: boolean): Promise<KeptLog> {
  const { planned, store } = task;
  const last = task.lastRun();
  if (!last && hasSteps) {
    note(`${planned.task.id} has not come to its end; these are the steps that it has done`);
    return {};
  }
  if (!last) throw notRun(task);
  const log = await logOf(store, last);
  const title = `${planned.task.id} was last run at ${last.started}${last.run ? ` in run ${last.run}` : ""}`;
  const how = last.outcome === "failed" ? `, and failed: ${last.reason}` : "";
  if (log === undefined && !hasSteps) throw new FlowError("not-run", `${title}${how}; its log was not kept`);
  const isOld = planned.state !== "kept" && (planned.state !== "run" || planned.resolved.key !== last.key);
  const now = planned.state === "blocked" ? "it can't be run now" : "it would run again now";
  const since = isOld ? `; ${now}: ${whyNot(planned)}` : "";
  note(`${title}${how}${since}`);
  return log ?? {};
}
