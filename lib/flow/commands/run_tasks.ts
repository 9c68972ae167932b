/** The part of `run` that is needed when there is something to run. */

import { type FinishedTask, rememberPlan } from "../snapshot/recall.ts";
import type { TaskOutputs } from "../key/resolve.ts";
import { Cleaning } from "../run/engine.ts";
import type { RunObserver } from "../events.ts";
import { thisMachine } from "../resources/machine.ts";
import { ResourceQueue } from "../resources/resource_queue.ts";
import { ResourcePool } from "../resources/resources.ts";
import { Watchdog } from "../process/watchdog.ts";
import { type RunTotals, runWorkflow } from "../run/workflow_run.ts";
import type { PlanSession } from "./session.ts";

export interface RunTasksOptions {
  readonly run: string;
  readonly jobs: number;
  readonly observer: RunObserver;
  readonly keepGoing: boolean;
}

export interface RanTasks extends RunTotals {
  readonly interrupted: boolean;
  readonly problem?: string;
  outputsOf(id: string): TaskOutputs | undefined;
}

/** Runs the tasks of a session, and remembers the plan if all of them have results then. */
export async function runTasks(
  session: PlanSession,
  { run, jobs, observer, keepGoing }: RunTasksOptions,
): Promise<RanTasks> {
  const { store, workflow, tasks, recalled, planName } = session;
  await store.beginUse();
  const { evaluator, history, device, runtime, kindFolder, code } = await session.planner();
  const abort = new AbortController();
  const interrupt = () => abort.abort();
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  for (const signal of signals) Deno.addSignalListener(signal, interrupt);
  store.leases.clearDead();
  const cleaning = new Cleaning();
  const watchdog = new Watchdog(store);
  const queue = new ResourceQueue(new ResourcePool({ ...thisMachine(), cpu: jobs }));
  const { signal } = abort;
  const engine = {
    store,
    inputStore: store,
    queue,
    history,
    observer,
    signal,
    device,
    runtime,
    kindFolder,
    run,
    cleaning,
    watchdog,
  };
  const finished = new Map<string, FinishedTask>();
  try {
    const totals = await runWorkflow({
      engine,
      evaluator,
      tasks,
      heldOutputs: (id) => recalled?.outputsOf(id),
      keepGoing,
      onKept: (resolved, outputs, ms) => finished.set(resolved.task.id, { resolved, outputs, ms }),
    });
    await cleaning.done();
    history.flush();
    if (finished.size === tasks.length) {
      const inOrder = new Map(tasks.map(({ id }) => [id, finished.get(id)!]));
      await rememberPlan(store, planName, workflow, code(), inOrder, recalled);
    }
    const outputsOf = (id: string) => finished.get(id)?.outputs;
    return { ...totals, interrupted: signal.aborted, problem: history.problem, outputsOf };
  } finally {
    await watchdog.close();
    for (const signal of signals) Deno.removeSignalListener(signal, interrupt);
  }
}
