/** What tasks will cost, before anything has run: their kinds say it from params and the sizes of their inputs. */

import type { ExpandedTask } from "../definition/expanded.ts";
import type { Demands, Estimate, Sizes } from "../demand.ts";
import { messageOf } from "../failure.ts";
import { inputRefs, isSource } from "../definition/task_refs.ts";

/** The estimates of tasks by id; tasks whose kind can't tell are missing. */
export type Estimates = ReadonlyMap<string, Estimate>;

export interface Estimated {
  readonly estimates: Estimates;
  /** Why estimates failed that their kinds should have made, each reason once. */
  readonly problems: readonly string[];
}

/**
 * Estimates tasks. Members that differ in nothing that counts, such as seeds, may be computed one by one: kinds remember
 * what takes long.
 *
 * @param tasks in topological order, with all tasks upstream
 */
export async function estimateTasks(tasks: readonly ExpandedTask[], demands: Demands): Promise<Estimated> {
  const found = new Map<string, Estimate>();
  const problems = new Map<string, string>();
  for (const task of tasks) {
    if (!Object.hasOwn(demands, task.kind)) continue;
    const { default: { estimate } } = await demands[task.kind]();
    const inputs: Record<string, Sizes[]> = {};
    for (const { name, ref } of inputRefs(task)) {
      (inputs[name] ??= []).push(isSource(ref) ? {} : found.get(ref.task)?.sizes ?? {});
    }
    try {
      const estimated = await estimate?.(task.params, inputs);
      if (estimated) found.set(task.id, estimated);
    } catch (error) {
      // An estimate refuses nothing: params that a kind can't work with are refused when it runs.
      const reason = messageOf(error);
      const problem =
        `the cost of ${task.id} could not be estimated, which does not keep it from running: ${reason}`;
      if (!problems.has(`${task.kind} ${reason}`)) problems.set(`${task.kind} ${reason}`, problem);
    }
  }
  return { estimates: found, problems: [...problems.values()] };
}

/** Sums over tasks; memory is that of the largest. */
export interface CostTotals {
  readonly images: number;
  readonly flop: number;
  readonly ms: number;
  readonly bytes: number;
  readonly memoryMB: number;
}

/** A task's cost on this machine. */
export interface TaskCost extends Partial<CostTotals>, Pick<Estimate, "leastMB"> {
  /** The memory that the workflow names for it. */
  readonly statedMB?: number;
  /** The device of its `flop`. */
  readonly device: string;
  /** Whether the time is that of an earlier run. */
  readonly isKnown: boolean;
}

/** The totals of some tasks, one after another. */
export function totalsOf(costs: Iterable<TaskCost>): CostTotals {
  let [images, flop, ms, bytes, memoryMB] = [0, 0, 0, 0, 0];
  for (const cost of costs) {
    images += cost.images ?? 0;
    flop += cost.flop ?? 0;
    ms += cost.ms ?? 0;
    bytes += cost.bytes ?? 0;
    memoryMB = Math.max(memoryMB, cost.memoryMB ?? 0);
  }
  return { images, flop, ms, bytes, memoryMB };
}
