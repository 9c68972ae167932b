/** `plan`: what would run and why. */

import { planTasks } from "../plan/plan.ts";
import { count, duration } from "../run/format.ts";
import { print, printJson, table } from "./print.ts";
import { type CommonOptions, openSession, type Project } from "./session.ts";

export async function planCommand(
  project: Project,
  workflowName: string,
  taskNames: readonly string[],
  options: CommonOptions,
): Promise<number> {
  const { store, tasks, evaluator, history } = await openSession(project, workflowName, taskNames, options);
  try {
    const planned = await planTasks(tasks, evaluator, history);
    const pending = planned.filter((action) => action.state !== "kept");
    const reasonsOf = (action: typeof pending[number]) =>
      action.state === "run" ? action.reasons : [`after ${action.after.join(", ")}`];
    if (options.json) {
      printJson(...planned.map((action) => ({
        event: "plan",
        id: action.task.id,
        state: action.state,
        ...(action.state === "may-run" ? {} : { key: action.resolved.key }),
        ...(action.state === "kept" ? {} : { reasons: reasonsOf(action), expectedMs: action.expectedMs }),
      })));
      return 0;
    }
    print(...table(pending.map((action) => {
      const time = action.expectedMs === undefined ? "" : duration(action.expectedMs);
      return [action.state === "run" ? "run" : "may run", action.task.id, time, reasonsOf(action).join("; ")];
    })));
    const certain = pending.filter(({ state }) => state === "run").length;
    const known = pending.filter((action) => action.expectedMs !== undefined);
    const time = known.length > 0
      ? `; they took ${duration(known.reduce((sum, action) => sum + action.expectedMs!, 0))} before` +
        (known.length < pending.length ? `, ${pending.length - known.length} have not been run yet` : "")
      : "";
    const kept = planned.length - pending.length;
    if (pending.length === 0) print(`nothing to do: all of ${count(kept, "task")} kept`);
    else print(`${certain} would run, ${pending.length - certain} may run, ${kept} kept${time}`);
    return 0;
  } finally {
    store.close();
  }
}
