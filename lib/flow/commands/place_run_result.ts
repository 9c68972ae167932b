/** Places the results of a workflow after a run, with the facts of the run if their kind declares a place for them. */

import type { ExpandedTask, ResultRef } from "../definition/expanded.ts";
import type { TaskOutputs } from "../key/resolve.ts";
import { quoted } from "./command_text.ts";
import { type Placed, type PlacedFacts, placeResult, resultFolder } from "./result.ts";
import { inputFacts, type RunOutcomes } from "./run_facts.ts";
import { kindsOf, type OpenPlan, type Project } from "./open_workflow.ts";

/** A finished run in which no task failed. */
export interface FinishedRun {
  readonly run: string;
  readonly outcomes: RunOutcomes;
  /** The outputs of a task that was run or looked up. */
  readonly outputsOf: (id: string) => TaskOutputs | undefined;
}

/** Those results of which the task was among the tasks of the run. */
export async function placeRunResults(
  project: Project,
  opened: OpenPlan,
  finished: FinishedRun,
): Promise<Placed[]> {
  const { store, workflow, recalled } = opened;
  const placed: Placed[] = [];
  for (const result of workflow.results) {
    const outputs = finished.outputsOf(result.task) ?? recalled?.outputsOf(result.task);
    if (!outputs) continue;
    const folder = resultFolder(store, workflow, result);
    const facts = () => placedFacts(project, opened, finished, result);
    placed.push(await placeResult(store, folder, outputs[result.output], facts));
  }
  return placed;
}

async function placedFacts(
  project: Project,
  opened: OpenPlan,
  { run, outcomes }: FinishedRun,
  { task, output }: ResultRef,
): Promise<PlacedFacts | undefined> {
  // Not imported when the result is in its place already: a run that does nothing stays fast.
  const { loadKind } = await import("../definition/load_kinds.ts");
  const { name, overrides } = opened.workflow;
  const tasks = allTasks(opened);
  const made = tasks.find(({ id }) => id === task)!;
  const { runFacts } = await loadKind(made.kind, await kindsOf(project, opened.workflow.file));
  if (runFacts?.output !== output) return undefined;
  const facts = {
    run,
    workflow: name,
    command: `deno task ${Deno.args.map(quoted).join(" ")}`,
    result: { task, output, inputs: inputFacts(made) },
    tasks: outcomes.facts(tasks),
    overrides: overrides.changes,
  };
  return { ...runFacts, facts };
}

/** The tasks of the run, also those whose result was recalled. */
function allTasks({ recalled, tasks }: OpenPlan): readonly ExpandedTask[] {
  return recalled ? recalled.snapshot.columns.bodies.all().map((body) => JSON.parse(body)) : tasks;
}
