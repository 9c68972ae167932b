/** `run`: runs a workflow. */

import { availableParallelism } from "node:os";
import { observers, type RunSummary } from "../events.ts";
import { Journal, newRunId } from "../history/journal.ts";
import { print, warn } from "../display/terminal.ts";
import { DEFAULT_DEVICE } from "../resources/device_choice.ts";
import { commandText } from "./command_text.ts";
import { displayFor } from "./display.ts";
import type { RanTasks } from "./run_tasks.ts";
import type { RunningPage } from "./running_page.ts";
import { jobsFolder } from "../slurm/files.ts";
import type { Store } from "../store/store.ts";
import { isThere } from "../../system/is_there.ts";
import { type CommonOptions, type OpenPlan, openPlan, type Project } from "./open_workflow.ts";

export interface RunOptions extends CommonOptions {
  readonly jobs?: number;
  readonly keepGoing: boolean;
  readonly ignoreSpace?: boolean;
  /** One of `EXECUTORS`. */
  readonly executor?: string;
  /** Whether a job on the cluster is to drive the run. */
  readonly detach?: boolean;
}

/** Resolves to the exit code. */
export async function runCommand(
  project: Project,
  workflowName: string,
  taskNames: readonly string[],
  options: RunOptions,
): Promise<number> {
  const opened = await openPlan(project, workflowName, taskNames, options, true);
  const { removals } = opened.store;
  try {
    const { store, workflow, recalled, tasks } = opened;
    if (options.detach && tasks.length > 0) {
      return await (await import("./detach.ts")).detach(project, opened, options);
    }
    const run = newRunId(store.folder);
    const jobs = options.jobs ?? availableParallelism();
    const { name, file, overrides } = workflow;
    const device = options.device ?? DEFAULT_DEVICE;
    const journal = new Journal(store.folder, {
      run,
      workflow: name,
      file,
      tasks: taskNames,
      overrides,
      device,
      jobs,
    });
    const outcomes = workflow.results.length > 0
      ? new (await import("./run_facts.ts")).RunOutcomes()
      : undefined;
    const page = options.json ? undefined : await pageOf(project, opened, run);
    const others = [outcomes, page].filter((one) => one !== undefined);
    const observer = observers(journal, await displayFor(options), ...others);
    const begin = performance.now();
    const held = recalled?.held() ?? { ids: [], keys: [], ms: [] };
    observer.started?.({ run, workflow: name, actions: held.ids.length + tasks.length });
    if (held.ids.length > 0) observer.allReused?.(held.ids, held.keys, held.ms);
    const ran = tasks.length > 0
      ? await (await import("./run_tasks.ts")).runTasks(opened, {
        run,
        jobs,
        observer,
        keepGoing: options.keepGoing,
        ignoreSpace: options.ignoreSpace,
        executor: options.executor,
        page,
        command: (more) =>
          commandText("run", [workflowName, ...taskNames], {
            ...options,
            set: [...options.set ?? [], ...more],
          }),
      })
      : undefined;
    await removeFinishedJobs(store);
    const ms = performance.now() - begin;
    const summary = summaryOf(held, ran, { ms, store: store.folder, run });
    observer.ended?.(summary);
    for (const problem of [journal.problem, ran?.problem, ran?.notIsolated]) {
      if (problem !== undefined) warn(problem);
    }
    if (ran?.cache) (await import("./fetched.ts")).tellTotals(ran.cache, options);
    const interrupted = ran?.interrupted ?? false;
    const placed = outcomes && !interrupted && summary.failed === 0
      ? await (await import("./place_run_result.ts")).placeRunResults(project, opened, {
        run,
        outcomes,
        outputsOf: (id) => ran?.outputsOf(id),
      })
      : [];
    const pageProblem = await page?.end(placed[0]?.open);
    for (const problem of [pageProblem, ...placed.map(({ problem }) => problem)]) {
      if (problem !== undefined) warn(problem);
    }
    if (!options.json) {
      if (overrides.changes.some(({ axis }) => axis !== undefined)) {
        await (await import("./runs.ts")).printVariants(project, store, run);
      }
      const closing = closingLine(opened, workflowName, options, interrupted, summary.failed);
      print(...(placed.length > 0 ? placed.map(({ open }) => `open ${open}`) : [closing]));
    }
    return interrupted ? 130 : summary.failed > 0 ? 1 : 0;
  } finally {
    await opened.launcher?.close();
    opened.store.close();
    for (const refused of removals.report()) warn(refused);
  }
}

/** @param held the results that were there before it began */
function summaryOf(
  held: { readonly ids: readonly string[]; readonly ms: readonly number[] },
  ran: RanTasks | undefined,
  run: Pick<RunSummary, "ms" | "store" | "run">,
): RunSummary {
  return {
    ran: ran?.ran ?? 0,
    reused: held.ids.length + (ran?.reused ?? 0),
    joined: ran?.joined ?? 0,
    failed: ran?.failed ?? 0,
    skipped: ran?.skipped ?? 0,
    savedMs: held.ms.reduce((sum, ms) => sum + ms, ran?.savedMs ?? 0),
    ...run,
  };
}

/** Also those of an earlier run that was killed when it had all its results. */
async function removeFinishedJobs(store: Store): Promise<void> {
  if (isThere(jobsFolder(store.folder))) (await import("../slurm/finished.ts")).removeFinished(store);
}

/** The page that shows the run, where something has to be run for a result. */
async function pageOf(
  project: Project,
  { store, workflow, tasks }: OpenPlan,
  run: string,
): Promise<RunningPage | undefined> {
  const [result] = workflow.results;
  if (result === undefined || tasks.length === 0) return undefined;
  const [{ RunningPage }, { resultFolder }] = await Promise.all([
    import("./running_page.ts"),
    import("./result.ts"),
  ]);
  return new RunningPage(project, store, resultFolder(store, workflow, result), run);
}

/** Where the results are, or how to go on. */
function closingLine(
  { store, recalled, tasks }: OpenPlan,
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
