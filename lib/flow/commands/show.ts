/** `show` and `log`: what is known of a task's result, and what it printed. */

import { FlowError } from "../errors.ts";
import { planTasks } from "../plan/plan.ts";
import type { PlannedTask } from "../plan/plan.ts";
import { namedTask, withUpstream } from "../plan/select.ts";
import { failedLogPath } from "../run/action.ts";
import { bytes, duration, printable } from "../run/format.ts";
import type { Store } from "../store/store.ts";
import { print, printJson } from "./print.ts";
import { type CommonOptions, openSession, type Project } from "./session.ts";

/** Calls `body` with the plan of one task. */
export async function withTask(
  project: Project,
  workflowName: string,
  taskName: string,
  options: CommonOptions,
  body: (task: PlannedTask, store: Store) => Promise<number> | number,
): Promise<number> {
  const { store, workflow, evaluator, history } = await openSession(
    project,
    workflowName,
    [taskName],
    options,
  );
  try {
    const task = namedTask(workflow, taskName);
    const planned = await planTasks(withUpstream(workflow, [task]), evaluator, history);
    return await body(planned.find((one) => one.task.id === task.id)!, store);
  } finally {
    store.close();
  }
}

/** The text a failed or kept task printed; undefined where nothing is known of it. */
function logOf(task: PlannedTask, store: Store): string | undefined {
  if (task.state === "may-run") return undefined;
  if (task.state === "kept") {
    return task.record.facts.log === undefined ? "" : store.getText(task.record.facts.log);
  }
  try {
    return Deno.readTextFileSync(failedLogPath(store.folder, task.resolved.key));
  } catch {
    return undefined;
  }
}

export function logCommand(
  project: Project,
  workflowName: string,
  taskName: string,
  options: CommonOptions,
): Promise<number> {
  return withTask(project, workflowName, taskName, options, (task, store) => {
    const log = logOf(task, store);
    if (log === undefined) throw notRun(task);
    if (log !== "") print(printable(log.trimEnd()));
    return 0;
  });
}

export function notRun(task: PlannedTask): FlowError {
  const why = task.state === "may-run" ? `${task.after.join(", ")} must run first` : "it has no kept result";
  return new FlowError("not-run", `${task.task.id} is not there: ${why}; run it with: deno task run`);
}

export function showCommand(
  project: Project,
  workflowName: string,
  taskName: string,
  options: CommonOptions,
): Promise<number> {
  return withTask(project, workflowName, taskName, options, (planned, store) => {
    if (planned.state === "may-run") throw notRun(planned);
    const { key, manifest } = planned.resolved;
    const record = planned.state === "kept" ? planned.record : undefined;
    if (options.json) {
      printJson({ event: "show", id: planned.task.id, state: planned.state, key, manifest, record });
      return 0;
    }
    print(
      `task      ${planned.task.id} (${planned.state === "kept" ? "kept" : "would run"})`,
      `key       ${key}`,
    );
    print(`manifest  ${JSON.stringify(manifest, null, 2).replaceAll("\n", "\n          ")}`);
    if (!record) return 0;
    const { started, ms, cpuMs, peakMemoryBytes, device, host, attempts, run } = record.facts;
    const memory = peakMemoryBytes ? `, ${bytes(peakMemoryBytes)} of memory at most` : "";
    print(`run       ${run}, ${started}, on ${host} (${device}), attempt ${attempts ?? 1}`);
    print(`time      ${duration(ms)}, ${duration(cpuMs ?? 0)} of CPU${memory}`);
    for (const [name, output] of Object.entries(record.outputs)) {
      const path = output.file ? store.blobPath(output.file.digest) : `${output.files} files`;
      print(`output    ${name}  ${output.digest}  ${bytes(output.bytes)}  ${path}`);
    }
    const log = logOf(planned, store);
    if (log) print(`log       ${printable(log.trimEnd()).replaceAll("\n", "\n          ")}`);
    return 0;
  });
}
