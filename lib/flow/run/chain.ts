/** Chains: a long task in segments, each a separate action; the cached states are the checkpoints. */

import { join } from "node:path";
import { OF_STOP } from "../definition/task_refs.ts";
import { FlowError } from "../errors.ts";
import { manifestAtStep } from "../key/resolve.ts";
import type { RunnableTask } from "./runnable.ts";
import type { ActionRecord, OutputRef } from "../store/types.ts";
import { type ActionResult, runAction } from "./action.ts";
import { keepMade } from "./early_end.ts";
import { type Engine, usableRecord } from "./engine.ts";
import { executeKind } from "./execute.ts";
import { lendOutput } from "./lend.ts";
import { judge } from "./stop.ts";
import { taskAction } from "./task_action.ts";

/** How far a chain has come: the state at `from`, undefined at the beginning. */
interface Reached {
  readonly from: number;
  readonly record?: ActionRecord;
}

/** Runs the segments that are missing. The result is the state after the last step; without steps, the first state. */
export async function runChain(
  engine: Engine,
  resolved: RunnableTask,
  reason: string,
): Promise<ActionResult> {
  const chain = resolved.loaded.chain!;
  const steps = Number(resolved.task.params[chain.steps]);
  const segment = Number(resolved.task.params[chain.segment]);
  if (!Number.isInteger(steps) || steps < 0 || !Number.isInteger(segment) || segment < 1) {
    const given = `${chain.steps} = ${steps}, ${chain.segment} = ${segment}`;
    return {
      result: "failed",
      reason: `a chain needs a whole number of steps, in segments of at least one; given: ${given}`,
      ms: 0,
    };
  }
  let reached = await furthestState(engine, resolved, steps, segment);
  const first = reached.from;
  let ms = 0;
  /** Of steps at once. */
  let longest = Infinity;
  for (;;) {
    if (reached.record !== undefined && resolved.stop !== undefined) {
      const judged = await judge(engine, resolved, reached.record, reason);
      if ("result" in judged) return later(judged, ms);
      ms += judged.ms;
      if (judged.stop) return later(await keepStopped(engine, resolved, reached, judged.log, reason), ms);
    }
    if (reached.record !== undefined && reached.from === steps) {
      return later(await keepEnd(engine, resolved, reached.record, reason), ms);
    }
    const to = Math.min(steps, nextBoundary(resolved, reached.from, segment), reached.from + longest);
    const { result, step } = await runSegment(engine, resolved, reached, to, steps, reason);
    if (result.result === "failed" && result.job === "time-limit" && to - reached.from > 1) {
      // Shorter segments fit into the time that a job has, and lose less where one does not.
      longest = Math.floor((to - reached.from) / 2);
      engine.observer.actionRetried?.(
        resolved.task.id,
        `${result.reason}; goes on with fewer steps at once`,
        0,
      );
      ms += result.ms;
      continue;
    }
    if (result.result !== "ran" && result.result !== "joined") return later(result, ms);
    ms += result.ms;
    if (step === steps && result.record.key === resolved.key) {
      return result.result === "ran"
        ? { ...result, ms, units: steps - first, from: first }
        : { ...result, ms };
    }
    reached = { from: step, record: result.record };
  }
}

function later(result: ActionResult, ms: number): ActionResult {
  return "ms" in result ? { ...result, ms: ms + result.ms } : result;
}

/** The result of a chain that may end early and has not: that of its last state. */
function keepEnd(engine: Engine, resolved: RunnableTask, { key, outputs }: ActionRecord, reason: string) {
  return keepMade(engine, resolved, (name) => outputs[name], { end: { endState: key }, reason });
}

/** Of a chain that was told to stop there is the log; its state stays for a chain that goes on. */
function keepStopped(
  engine: Engine,
  resolved: RunnableTask,
  { from, record }: Reached,
  log: OutputRef,
  reason: string,
) {
  return keepMade(engine, resolved, (name) => name === "log" ? log : "pruned", {
    end: { endState: record!.key, ended: "pruned" },
    ended: `told to stop after step ${from}`,
    reason,
  });
}

/** Boundaries are multiples of the segment, so that runs that end in different places share their states, and milestones. */
function nextBoundary({ task: { milestones = [] } }: RunnableTask, from: number, segment: number): number {
  return Math.min((Math.floor(from / segment) + 1) * segment, ...milestones.filter((step) => step > from));
}

/** The kept state nearest to `steps`. Shared caches are asked only for those at which chains are likely to have ended. */
async function furthestState(
  engine: Engine,
  resolved: RunnableTask,
  steps: number,
  segment: number,
): Promise<Reached> {
  for (let step = steps; step > 0; step--) {
    const isLikely = step % segment === 0 || resolved.task.milestones?.includes(step);
    const where = isLikely ? engine : { store: engine.store };
    const record = await usableRecord(where, manifestAtStep(resolved, step).key);
    if (record) return { from: step, record };
  }
  return { from: 0 };
}

/** A segment writes its part of what the chain writes. */
function bytesOf(all: number | undefined, from: number, to: number, steps: number): number | undefined {
  return all === undefined || steps === 0 ? all : all * (to - from) / steps;
}

/** @returns with the step that it has come to: a job whose time is up ends after an earlier one */
async function runSegment(
  engine: Engine,
  resolved: RunnableTask,
  { from, record }: Reached,
  to: number,
  steps: number,
  reason: string,
): Promise<{ readonly result: ActionResult; readonly step: number }> {
  const kind = resolved.loaded;
  const { id } = resolved.task;
  const { key, manifest } = manifestAtStep(resolved, to);
  let step = to;
  const result = await runAction(engine, {
    ...taskAction(engine, resolved, reason),
    inputs: resolved.inputs.filter(({ name }) => !name.startsWith(OF_STOP)),
    key,
    manifest,
    expectedMs: engine.history.expectedMs(resolved.task, steps - from),
    ...(to < steps && { state: resolved.task.milestones?.includes(to) ? "milestone" : "passed" }),
    bytes: bytesOf(engine.estimates.get(id)?.bytes, from, to, steps),
    async produce(workspace, assignment) {
      let state: string | undefined;
      if (record) {
        const artifact = engine.store.artifact(record.outputs[kind.chain!.state]);
        if (!artifact) {
          throw new FlowError("store-io", `the state after step ${from} is damaged; run again to rebuild it`);
        }
        state = join(workspace.temporary, "state");
        if (!workspace.isTakenUp) await lendOutput(workspace, engine.store, artifact, state);
      }
      const ended = await executeKind({
        engine,
        resolved,
        workspace,
        assignment,
        mode: { do: "run", chain: { from, to, state } },
        scratch: engine.store.scratchFolder(key),
        onEvent: (event) => {
          if (event.event === "progress") engine.observer.actionProgress?.(id, event.progress);
        },
      });
      step = ended.reached ?? to;
      return step === to ? ended : { ...ended, as: { ...manifestAtStep(resolved, step), state: "passed" } };
    },
  });
  return { result, step: result.result === "ran" ? step : to };
}
