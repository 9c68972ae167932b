/** `plan`: what would run and why. */

import { type CostTotals, totalsOf } from "../plan/estimate.ts";
import { type PlannedTask, planTasks, reasonsOf } from "../plan/plan.ts";
import { count, duration } from "../display/format.ts";
import { table } from "../display/table.ts";
import { print, printJson, warn } from "../display/terminal.ts";
import { type Costs, costsOf, costText, spaceText, speedText, totalsText } from "./costs.ts";
import { deviceNotes } from "./device_notes.ts";
import { memoryNotes } from "./memory_notes.ts";
import { machineMB } from "./open_executor.ts";
import { type CommonOptions, openPlan, type Project } from "./open_workflow.ts";

/** The number of waiting tasks that are listed: there may be thousands. */
const MAY_RUN_SHOWN = 50;

const VERBS = { run: "run", "may-run": "may run", blocked: "can't run" };

export async function planCommand(
  project: Project,
  workflowName: string,
  taskNames: readonly string[],
  options: CommonOptions,
): Promise<number> {
  const opened = await openPlan(project, workflowName, taskNames, options);
  try {
    const { tasks, recalled } = opened;
    const heldCount = recalled?.heldCount ?? 0;
    if (options.json && recalled) {
      const held = recalled.held();
      printJson(...held.ids.map((id, i) => ({ event: "plan", id, state: "kept", key: held.keys[i] })));
    }
    if (tasks.length === 0) {
      if (!options.json) print(`nothing to do: all of ${count(heldCount, "task")} kept`);
      return 0;
    }
    const planner = await opened.planner();
    const { resolver, history } = planner;
    const planned = await planTasks(tasks, resolver, history, recalled);
    const costs = await costsOf(
      opened,
      planner,
      (task) => recalled?.msOf(task) ?? history.expectedMs(task),
    );
    for (const problem of costs?.problems ?? []) warn(problem);
    const pending = planned.filter((action) => action.state !== "kept");
    const blocked = pending.filter(({ state }) => state === "blocked");
    const exitCode = blocked.length > 0 ? 1 : 0;
    if (options.json) {
      printJson(...planned.map((action) => ({
        event: "plan",
        id: action.task.id,
        state: action.state,
        ...("resolved" in action ? { key: action.resolved.key } : {}),
        ...(action.state === "kept" ? {} : { reasons: reasonsOf(action) }),
        ...("expectedMs" in action ? { expectedMs: action.expectedMs } : {}),
        ...(costs?.tasks.has(action.task.id) ? { cost: costs.tasks.get(action.task.id) } : {}),
      })));
      if (costs) printJson({ event: "totals", ...totals(costs, pending) });
      return exitCode;
    }
    const certain = pending.filter(({ state }) => state === "run");
    const possible = pending.filter(({ state }) => state === "may-run");
    print(...table([...certain, ...possible.slice(0, MAY_RUN_SHOWN), ...blocked].map((action) => {
      const cost = costs?.tasks.get(action.task.id);
      const ms = ("expectedMs" in action ? action.expectedMs : undefined) ?? cost?.ms;
      const time = ms === undefined ? "" : duration(ms);
      const text = costs ? [cost ? costText(cost) : ""] : [];
      return [VERBS[action.state], action.task.id, time, ...text, reasonsOf(action).join("; ")];
    })));
    if (possible.length > MAY_RUN_SHOWN) {
      print(`may run  ${possible.length - MAY_RUN_SHOWN} more that come after these (--json lists them)`);
    }
    const kept = heldCount + planned.length - pending.length;
    if (pending.length === 0) print(`nothing to do: all of ${count(kept, "task")} kept`);
    else print(sums([...certain, ...possible], kept, blocked.length));
    if (costs) {
      print(...costLines(costs, totals(costs, pending), opened.store.folder));
      const left = pending.map(({ task }) => task);
      print(...memoryNotes(left, costs, machineMB(opened.store, opened.workflow.file)));
      print(...await deviceNotes(left, planner.compute, costs));
    }
    return exitCode;
  } finally {
    opened.store.close();
  }
}

interface Totals {
  readonly all: CostTotals;
  readonly left: CostTotals;
}

function totals({ tasks }: Costs, pending: readonly PlannedTask[]): Totals {
  return {
    all: totalsOf(tasks.values()),
    left: totalsOf(pending.flatMap(({ task }) => tasks.get(task.id) ?? [])),
  };
}

/** Totals of the whole workflow and of what is left, and how times were estimated. */
function costLines({ speeds }: Costs, { all, left }: Totals, folder: string): string[] {
  const whole = left.ms < all.ms ? [totalsText("in all", all)] : [];
  return [...whole, totalsText("left", left), ...speedText(speeds), ...spaceText(folder, left.bytes)];
}

function sums(
  pending: readonly { state: string; expectedMs?: number }[],
  kept: number,
  blocked: number,
): string {
  const certain = pending.filter(({ state }) => state === "run").length;
  const known = pending.flatMap(({ expectedMs }) => expectedMs ?? []);
  const unknown = pending.length - known.length;
  const not = blocked > 0 ? `, ${blocked} blocked by missing inputs` : "";
  const before = known.length > 0 ? `; they took ${duration(known.reduce((a, b) => a + b))} before` : "";
  const never = known.length > 0 && unknown > 0 ? `, ${unknown} have not been run yet` : "";
  return `${certain} would run, ${pending.length - certain} may run, ${kept} kept${not}${before}${never}`;
}
