/** What is said of devices before tasks run on them. */

import type { ExpandedTask } from "../definition/expanded.ts";
import { computeOf, type ComputeOptions } from "../key/compute.ts";
import { WEBGPU } from "../resources/device_choice.ts";

const ONE_ADAPTER =
  "WebGPU can't be told which adapter to use: tasks run on it one at a time, on the adapter that the graphics driver " +
  "names first";

/** The notes on the devices that `tasks` compute on. */
export async function deviceNotes(
  tasks: readonly ExpandedTask[],
  options: ComputeOptions,
): Promise<string[]> {
  const { all, tasks: byTask } = options.devices;
  // Most runs name no other device, and their tasks need not be looked at.
  const named = [all, ...byTask.values(), ...tasks.map(({ device }) => device)];
  if (!named.includes(WEBGPU)) return [];
  for (const task of tasks) if ((await computeOf(task, options)).device === WEBGPU) return [ONE_ADAPTER];
  return [];
}
