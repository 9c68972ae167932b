/** Places the result of a workflow after a run, with the facts of the run if its kind declares a place for them. */

import type { ExpandedTask } from "../definition/expanded.ts";
import type { TaskOutputs } from "../key/resolve.ts";
import { quoted } from "./command_text.ts";
import { type Placed, type PlacedFacts, placeResult } from "./result.ts";
import { inputFacts, type RunOutcomes } from "./run_facts.ts";
import type { PlanSession, Project } from "./session.ts";

/** A finished run in which no task failed. */
export interface FinishedRun {
  readonly run: string;
  readonly outcomes: RunOutcomes;
  /** The outputs of a task that was run or looked up. */
  readonly outputsOf: (id: string) => TaskOutputs | undefined;
}

/** Undefined where the task of the result was not among the tasks of the run. */
export async function placeRunResult(
  project: Project,
  session: PlanSession,
  finished: FinishedRun,
): Promise<Placed | undefined> {
  const { store, workflow, recalled } = session;
  const { task, output } = workflow.result!;
  const outputs = finished.outputsOf(task) ?? recalled?.outputsOf(task);
  if (!outputs) return undefined;
  return await placeResult(store, workflow, outputs[output], () => placedFacts(project, session, finished));
}

async function placedFacts(
  project: Project,
  session: PlanSession,
  { run, outcomes }: FinishedRun,
): Promise<PlacedFacts | undefined> {
  // Not imported when the result is in its place already: a run that does nothing stays fast.
  const { loadKind } = await import("../definition/load_kinds.ts");
  const { name, result } = session.workflow;
  const { task, output } = result!;
  const tasks = allTasks(session);
  const made = tasks.find(({ id }) => id === task)!;
  const { runFacts } = await loadKind(made.kind, await project.registry());
  if (runFacts?.output !== output) return undefined;
  const facts = {
    run,
    workflow: name,
    command: `deno task ${Deno.args.map(quoted).join(" ")}`,
    result: { task, output, inputs: inputFacts(made) },
    tasks: outcomes.facts(tasks),
  };
  return { ...runFacts, facts };
}

/** The tasks of the run, also those whose result was recalled. */
function allTasks({ recalled, tasks }: PlanSession): readonly ExpandedTask[] {
  return recalled ? recalled.snapshot.columns.bodies.all().map((body) => JSON.parse(body)) : tasks;
}
