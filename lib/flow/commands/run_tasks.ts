/** The part of `run` that is needed when there is something to run. */

import type { RunObserver } from "../events.ts";
import { ISOLATION_VARIABLE } from "../isolation/is_wanted.ts";
import { KnownFigures } from "../history/known_figures.ts";
import type { TaskOutputs } from "../key/resolve.ts";
import { type RunTotals, runWorkflow } from "../run/workflow_run.ts";
import type { CacheTotals, SharedCache } from "../remote/shared_cache.ts";
import { type FinishedTask, rememberPlan } from "../snapshot/recall.ts";
import { warn } from "../display/terminal.ts";
import { costsOf } from "./costs.ts";
import { deviceNotes } from "./device_notes.ts";
import { memoryNotes } from "./memory_notes.ts";
import { machineMB, openExecutor } from "./open_executor.ts";
import { ownCopyAdvice } from "./own_copy.ts";
import type { OpenPlan } from "./open_workflow.ts";
import type { RunningPage } from "./running_page.ts";
import { withEngine } from "./with_engine.ts";

export interface RunTasksOptions {
  readonly run: string;
  readonly jobs: number;
  readonly observer: RunObserver;
  readonly keepGoing: boolean;
  readonly ignoreSpace?: boolean;
  /** One of `EXECUTORS`. */
  readonly executor?: string;
  /** Is shown what tasks have made. */
  readonly page?: RunningPage;
  /** The command line of this run with further settings. */
  readonly command: (set: readonly string[]) => string;
}

export interface RanTasks extends RunTotals {
  readonly interrupted: boolean;
  readonly problem?: string;
  /** Why its tasks were not isolated, although they were to be. */
  readonly notIsolated?: string;
  /** What shared caches gave and took, where there are some. */
  readonly cache?: CacheTotals;
  outputsOf(id: string): TaskOutputs | undefined;
}

function notIsolatedText(unavailable: string): string {
  return `tasks could not be isolated (${unavailable}): their inputs were compared instead, but files that are no inputs ` +
    `may have been read. docs/isolation.md says what is needed; ${ISOLATION_VARIABLE}=off turns isolation off`;
}

/** Fetches the figures of results, which are small, so that `runs` shows them. */
async function learnShared(
  known: KnownFigures,
  shared: SharedCache | undefined,
  finished: readonly FinishedTask[],
): Promise<void> {
  for (const { resolved, outputs } of finished) {
    const output = known.outputOf(resolved.task.kind, outputs);
    if (output && await shared?.bring([output])) known.learn(resolved, outputs);
  }
}

/** Runs the tasks of a workflow, and remembers the plan if all of them have results then. */
export async function runTasks(
  opened: OpenPlan,
  { run, jobs, observer, keepGoing, ignoreSpace, executor, page, command }: RunTasksOptions,
): Promise<RanTasks> {
  const { store, workflow, tasks, recalled, planName } = opened;
  await store.beginUse();
  const planner = await opened.planner();
  const { history, shared } = planner;
  const costs = await costsOf(opened, planner, (task) => recalled?.msOf(task) ?? history.expectedMs(task));
  for (const problem of costs?.problems ?? []) warn(problem);
  const notes = memoryNotes(tasks, costs, machineMB(store, workflow.file, executor));
  for (const note of [...notes, ...await deviceNotes(tasks, planner.compute, costs)]) warn(note);
  store.leases.clearDead();
  const finished = new Map<string, FinishedTask>();
  const known = new KnownFigures(store, workflow.name, planner.figures);
  return await withEngine(
    planner,
    {
      store,
      shared,
      run,
      cpu: jobs,
      observer,
      estimates: costs?.estimates,
      ignoreSpace,
      launcher: opened.launcher,
      executor: await openExecutor(store, planner.kindFolder, workflow.file, executor),
    },
    async (engine) => {
      engine.signal.addEventListener("abort", () => shared?.leave());
      const totals = await runWorkflow({
        engine,
        resolver: planner.resolver,
        tasks,
        wanted: workflow.results,
        heldOutputs: (id) => recalled?.outputsOf(id),
        keepGoing,
        adviceFor: (task, kind) => ownCopyAdvice(task, kind, tasks, command),
        onKept: (resolved, outputs, ms) => {
          finished.set(resolved.task.id, { resolved, outputs, ms });
          if (!shared?.lacks(resolved.key)) known.learn(resolved, outputs);
          page?.learn(resolved.task, outputs);
        },
      });
      await engine.cleaning.done();
      store.packing.seal();
      const { code } = planner;
      history.flush();
      const lacking = [...finished.values()].filter(({ resolved: { key } }) => shared?.lacks(key));
      await learnShared(known, shared, lacking);
      // A plan is remembered with the files of its results.
      if (finished.size === tasks.length && lacking.every(({ resolved: { key } }) => !shared!.lacks(key))) {
        const inOrder = new Map(tasks.map(({ id }) => [id, finished.get(id)!]));
        await rememberPlan(store, planName, workflow, code(), inOrder, recalled);
      }
      const outputsOf = (id: string) => finished.get(id)?.outputs;
      const { unavailable } = engine.isolation;
      return {
        ...totals,
        cache: await shared?.finish(),
        interrupted: engine.signal.aborted,
        problem: history.problem,
        notIsolated: unavailable && notIsolatedText(unavailable),
        outputsOf,
      };
    },
  );
}
