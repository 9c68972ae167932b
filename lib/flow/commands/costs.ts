/** The costs of a workflow's tasks on this machine, for `plan` and `run`. */

import { availableParallelism } from "node:os";
import type { ExpandedTask } from "../definition/expanded.ts";
import { bytes, count, duration } from "../display/format.ts";
import { missingSpace } from "../free_space.ts";
import { computeOf } from "../key/compute.ts";
import { type CostTotals, type Estimates, estimateTasks, type TaskCost } from "../plan/estimate.ts";
import { estimatedMs } from "../plan/estimated_time.ts";
import { type DeviceSpeed, speedOf } from "../plan/speed.ts";
import { DEFAULT_DEVICE } from "../resources/device_choice.ts";
import type { OpenPlan, Planner } from "./open_workflow.ts";

/** The costs of tasks by id. */
export interface Costs {
  readonly tasks: ReadonlyMap<string, TaskCost>;
  readonly estimates: Estimates;
  /** Why some of them are missing, beside inputs that can't be told. */
  readonly problems: readonly string[];
  /** Of each device that tasks compute on. */
  readonly speeds: ReadonlyMap<string, DeviceSpeed>;
}

/**
 * The costs of all tasks of the workflow; undefined where no kind of theirs tells any.
 *
 * @param msOf how long a task took when it was last run
 */
export async function costsOf(
  { store, tasks, recalled }: Pick<OpenPlan, "store" | "tasks" | "recalled">,
  planner: Planner,
  msOf: (task: ExpandedTask) => number | undefined,
): Promise<Costs | undefined> {
  const { demands } = planner.compute;
  // Kinds of a recalled plan are known without reading its tasks, of which there may be thousands.
  const kinds = recalled ? Object.keys(recalled.kinds) : tasks.map(({ kind }) => kind);
  if (!kinds.some((kind) => Object.hasOwn(demands, kind))) return undefined;
  const every = recalled ? recalled.everyTask() : tasks;
  const { estimates, problems } = await estimateTasks(every, demands);
  const costs = new Map<string, TaskCost>();
  const machines = new Map<string, DeviceSpeed>();
  const speeds = new Map<string, DeviceSpeed>();
  for (const task of every) {
    const estimate = estimates.get(task.id);
    const known = msOf(task);
    if (estimate === undefined && known === undefined) continue;
    const compute = await computeOf(task, planner.compute);
    const { device } = compute;
    if (estimate !== undefined && !machines.has(device)) {
      machines.set(device, await speedOf(compute, planner, planner.resolver, store));
    }
    const speed = machines.get(device);
    if (estimate?.flop) speeds.set(device, speed!);
    const place = { cores: task.cores, isOnCpu: device === DEFAULT_DEVICE };
    const ms = known ?? estimatedMs(estimate!, { ...speed!, cores: availableParallelism() }, place);
    const { images, flop, bytes, memoryMB, leastMB } = estimate ?? {};
    const memory = { memoryMB, leastMB, statedMB: task.memoryMB };
    costs.set(task.id, { images, flop, ms, bytes, ...memory, device, isKnown: known !== undefined });
  }
  return { tasks: costs, estimates, problems, speeds };
}

/** What a task costs, in words. */
export function costText(cost: TaskCost): string {
  const { images, flop, bytes: written, memoryMB, leastMB, statedMB = Infinity } = cost;
  const isShort = leastMB !== undefined && memoryMB !== undefined && statedMB < memoryMB;
  const given = isShort ? `, given ${memoryText(statedMB)}: slower` : "";
  return [
    ...(images ? [count(images, "image")] : []),
    ...(flop ? [flopText(flop)] : []),
    ...(written ? [`${bytes(written)} written`] : []),
    ...(memoryMB ? [`${memoryText(memoryMB)} of memory${given}`] : []),
  ].join(", ");
}

/** Totals in a line. */
export function totalsText(what: string, { flop, ms, bytes: written, memoryMB }: CostTotals): string {
  return `${what}: about ${duration(ms)} one after another, ${flopText(flop)}, ${
    bytes(written)
  } written, at most ` +
    `${memoryText(memoryMB)} of memory a task`;
}

/** @param memoryMB in MiB */
export function memoryText(memoryMB: number): string {
  return bytes(memoryMB * 2 ** 20);
}

/** `12 TFLOP`, in powers of 1000. */
export function flopText(flop: number): string {
  const units = ["", "k", "M", "G", "T", "P", "E"];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(flop, 1)) / 3)));
  const value = flop / 1000 ** power;
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[power]}FLOP`;
}

/** By what the times were estimated. */
export function speedText(speeds: Costs["speeds"]): string[] {
  return [...speeds].map(([device, { flopPerSecond, isMeasured }]) => {
    const option = device === DEFAULT_DEVICE ? "" : ` --device ${device}`;
    return `${device}: ${flopText(flopPerSecond)} a second, ` +
      (isMeasured ? "as measured here" : `assumed; \`deno task run calibration${option}\` measures it`);
  });
}

/** A warning where the disk has less room than tasks will write. */
export function spaceText(folder: string, written: number): string[] {
  return [missingSpace(folder, written) ?? []].flat();
}
