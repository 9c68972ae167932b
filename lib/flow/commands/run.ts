/** `run`: runs a workflow. */

import { availableParallelism } from "node:os";
import type { ExpandedTask } from "../definition/expanded.ts";
import { observers, type RunSummary } from "../events.ts";
import { Journal, newRunId } from "../history/journal.ts";
import type { TaskOutputs } from "../key/resolve.ts";
import { print, warn } from "../display/terminal.ts";
import { commandText, quoted } from "./command_text.ts";
import { displayFor } from "./display.ts";
import type { Placed, RunOutcomes } from "./result.ts";
import { type CommonOptions, openPlanSession, type PlanSession, type Project } from "./session.ts";

export interface RunOptions extends CommonOptions {
  readonly jobs?: number;
  readonly keepGoing: boolean;
}

/** Resolves to the exit code. */
export async function runCommand(
  project: Project,
  workflowName: string,
  taskNames: readonly string[],
  options: RunOptions,
): Promise<number> {
  const session = await openPlanSession(project, workflowName, taskNames, options);
  const { removals } = session.store;
  try {
    const { store, workflow, recalled, tasks } = session;
    const run = newRunId(store.folder);
    const jobs = options.jobs ?? availableParallelism();
    const { name, file, overrides } = workflow;
    const device = options.device ?? "cpu";
    const journal = new Journal(store.folder, {
      run,
      workflow: name,
      file,
      tasks: taskNames,
      overrides,
      device,
      jobs,
    });
    const results = workflow.result && await import("./result.ts");
    const outcomes = results && new results.RunOutcomes();
    const observer = observers(journal, await displayFor(options), ...(outcomes ? [outcomes] : []));
    const begin = performance.now();
    const held = recalled?.held() ?? { ids: [], keys: [], ms: [] };
    observer.started?.({ run, workflow: name, actions: held.ids.length + tasks.length });
    if (held.ids.length > 0) observer.allReused?.(held.ids, held.keys, held.ms);
    const ran = tasks.length > 0
      ? await (await import("./run_tasks.ts")).runTasks(session, {
        run,
        jobs,
        observer,
        keepGoing: options.keepGoing,
      })
      : undefined;
    const summary: RunSummary = {
      ran: ran?.ran ?? 0,
      reused: held.ids.length + (ran?.reused ?? 0),
      joined: ran?.joined ?? 0,
      failed: ran?.failed ?? 0,
      skipped: ran?.skipped ?? 0,
      savedMs: held.ms.reduce((sum, ms) => sum + ms, ran?.savedMs ?? 0),
      ms: performance.now() - begin,
      store: store.folder,
      run,
    };
    observer.ended?.(summary);
    for (const problem of [journal.problem, ran?.problem]) if (problem !== undefined) warn(problem);
    const interrupted = ran?.interrupted ?? false;
    const placed = outcomes && !interrupted && summary.failed === 0
      ? await placedResult(session, outcomes, run, (id) => ran?.outputsOf(id))
      : undefined;
    if (placed?.problem !== undefined) warn(placed.problem);
    if (!options.json) {
      print(
        placed
          ? `open ${placed.open}`
          : closingLine(session, workflowName, options, interrupted, summary.failed),
      );
    }
    return interrupted ? 130 : summary.failed > 0 ? 1 : 0;
  } finally {
    session.store.close();
    for (const refused of removals.report()) warn(refused);
  }
}

/** The path of the workflow's result; undefined where the run was not about it. */
async function placedResult(
  { store, workflow, recalled, tasks }: PlanSession,
  outcomes: RunOutcomes,
  run: string,
  outputsOf: (id: string) => TaskOutputs | undefined,
): Promise<Placed | undefined> {
  const { task, output } = workflow.result!;
  const outputs = outputsOf(task) ?? recalled?.outputsOf(task);
  if (!outputs) return undefined;
  const { placeResult } = await import("./result.ts");
  const all = (): readonly ExpandedTask[] =>
    recalled ? recalled.snapshot.columns.bodies.all().map((body) => JSON.parse(body) as ExpandedTask) : tasks;
  return await placeResult(store, workflow, outputs[output], () => ({
    run,
    workflow: workflow.name,
    command: `deno task ${Deno.args.map(quoted).join(" ")}`,
    tasks: outcomes.facts(all()),
  }));
}

/** Where the results are, or how to go on. */
function closingLine(
  { store, recalled, tasks }: PlanSession,
  name: string,
  options: RunOptions,
  interrupted: boolean,
  failed: number,
): string {
  if (interrupted) return "interrupted: completed tasks are cached; run the same command to resume";
  if (failed > 0) return "completed tasks are cached; fix the failure and run the same command to resume";
  const last = recalled?.snapshot.columns.ids.at(recalled.snapshot.size - 1) ?? tasks.at(-1)?.id ?? "TASK";
  const get = commandText("get", [name, last, "FOLDER"], options);
  return `results are in ${store.folder}; to copy one: ${get}`;
}
