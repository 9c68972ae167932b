/** `run`: runs a workflow. */

import { availableParallelism } from "node:os";
import type { RunObserver } from "../run/events.ts";
import { type CommonOptions, openSession, type Project, type Session } from "./session.ts";
import { print } from "./print.ts";

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
  const session = await openSession(project, workflowName, taskNames, options);
  try {
    return await run(session, workflowName, taskNames, options);
  } finally {
    session.store.close();
  }
}

async function run(
  session: Session,
  workflowName: string,
  taskNames: readonly string[],
  options: RunOptions,
): Promise<number> {
  const [
    { runWorkflow },
    { ResourceQueue },
    { ResourcePool },
    { thisMachine },
    { Journal, newRunId },
    { observers },
  ] = await Promise.all([
    import("../run/workflow_run.ts"),
    import("../run/resource_queue.ts"),
    import("../run/resources.ts"),
    import("../run/machine.ts"),
    import("../run/journal.ts"),
    import("../run/events.ts"),
  ]);
  const { store, workflow, history, evaluator, device, kindFolder, tasks } = session;
  const jobs = options.jobs ?? availableParallelism();
  const runId = newRunId();
  const journal = new Journal(store.folder, {
    run: runId,
    workflow: workflow.name,
    file: workflow.file,
    tasks: taskNames,
    overrides: workflow.overrides,
    device,
    jobs,
  });
  const observer = observers(journal, await display(options));
  const abort = new AbortController();
  const interrupt = () => abort.abort();
  Deno.addSignalListener("SIGINT", interrupt);
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", interrupt);
  observer.started?.({ run: runId, workflow: workflow.name, actions: tasks.length });
  const queue = new ResourceQueue(new ResourcePool({ ...thisMachine(), cpu: jobs }));
  const engine = {
    store,
    inputStore: store,
    queue,
    history,
    observer,
    signal: abort.signal,
    device,
    kindFolder,
    run: runId,
  };
  const kept: string[] = [];
  const totals = await runWorkflow({
    engine,
    evaluator,
    tasks,
    keepGoing: options.keepGoing,
    onKept: (resolved) => kept.push(resolved.key),
  });
  history.flush();
  observer.ended?.({ ...totals, store: store.folder, run: runId });
  Deno.removeSignalListener("SIGINT", interrupt);
  if (!options.json) print(...closingLines(session, workflowName, abort.signal.aborted, totals.failed));
  return abort.signal.aborted ? 130 : totals.failed > 0 ? 1 : 0;
}

async function display(options: RunOptions): Promise<RunObserver> {
  if (options.json) return (await import("../run/json_events.ts")).jsonEvents();
  if (Deno.stdout.isTerminal()) {
    return (await import("../run/live_display.ts")).liveDisplay(() => Deno.consoleSize());
  }
  return (await import("../run/plain_display.ts")).plainDisplay();
}

/** Where the results are, or how to go on. */
function closingLines(
  { store, workflow }: Session,
  name: string,
  interrupted: boolean,
  failed: number,
): string[] {
  if (interrupted) return ["interrupted: what was complete is kept; the same command goes on from there"];
  if (failed > 0) return ["what is done is kept; the same command goes on once the failure is mended"];
  const last = workflow.tasks.at(-1);
  return [
    `results are in ${store.folder}; to have one as files: deno task get ${name} ${
      last?.id ?? "TASK"
    } FOLDER`,
  ];
}
