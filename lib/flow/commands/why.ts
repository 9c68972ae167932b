/** `why`: how a task's key differs from the nearest earlier one. */

import { planTasks, reasonsOf } from "../plan/plan.ts";
import { namedTask, withUpstream } from "../plan/select.ts";
import { print, printJson } from "../display/terminal.ts";
import { type CommonOptions, openWorkflow, type Project } from "./open_workflow.ts";

export async function whyCommand(
  project: Project,
  workflowName: string,
  taskName: string,
  options: CommonOptions,
): Promise<number> {
  const { store, workflow, resolver, history } = await openWorkflow(
    project,
    workflowName,
    [taskName],
    options,
  );
  try {
    const task = namedTask(workflow, taskName);
    const planned = await planTasks(withUpstream(workflow, [task]), resolver, history);
    const action = planned.find(({ task: { id } }) => id === task.id)!;
    if (action.state === "may-run") {
      const first = planned.flatMap((other) =>
        other.state === "run" ? [`${other.task.id}: ${other.reasons.join("; ")}`] : []
      );
      if (options.json) printJson({ event: "why", id: task.id, state: action.state, reasons: first });
      else print(`${task.id} may run, after`, ...first.slice(0, 4).map((line) => `  ${line}`));
      return 0;
    }
    if (action.state === "blocked") {
      const reasons = reasonsOf(action);
      if (options.json) printJson({ event: "why", id: task.id, state: action.state, reasons });
      else print(`${task.id} can't run:`, ...reasons.map((line) => `  ${line}`));
      return 0;
    }
    const { key } = action.resolved;
    const { nearest, lines } = resolver.explain(action.resolved);
    if (options.json) {
      printJson({ event: "why", id: task.id, state: action.state, key, nearest, reasons: lines });
      return 0;
    }
    const state = action.state === "kept" ? "is kept" : "would run";
    const compared = nearest ? `, against ${nearest.slice(0, 16)}` : "";
    print(`${task.id} ${state} as ${key.slice(0, 16)}${compared}:`, ...lines.map((line) => `  ${line}`));
    return 0;
  } finally {
    store.close();
  }
}
