/** What is said of devices before tasks run on them. */

import { isThere } from "../../system/is_there.ts";
import { thisMachine } from "../resources/machine.ts";
import type { ExpandedTask } from "../definition/expanded.ts";
import { duration } from "../display/format.ts";
import type { Costs } from "./costs.ts";
import { computeOf, type ComputeOptions, gpuShare } from "../key/compute.ts";
import { CUDA, DEFAULT_DEVICE, WEBGPU } from "../resources/device_choice.ts";

const ONE_ADAPTER =
  "WebGPU can't be told which adapter to use: tasks run on it one at a time, on the adapter that the graphics driver " +
  "names first";

/** From so much time on the CPU a GPU is worth a word. */
const HOUR_MS = 3600_000;

/** Where Linux has the graphics adapters that render, which WebGPU can use. */
const RENDERER = "/dev/dri/renderD128";

/** The device that this machine could compute on instead of the CPU, if it has one. */
function unusedDevice(): string | undefined {
  if (thisMachine().gpus.length > 0) return CUDA;
  return Deno.build.os === "darwin" || isThere(RENDERER) ? WEBGPU : undefined;
}

/** A line where hours on the CPU are about to run although there is a GPU. */
async function hoursOnCpu(
  tasks: readonly ExpandedTask[],
  options: ComputeOptions,
  costs: Costs,
): Promise<string[]> {
  let ms = 0;
  for (const task of tasks) {
    const cost = costs.tasks.get(task.id);
    if (cost?.device !== DEFAULT_DEVICE || await gpuShare(task, options.demands) === 0) continue;
    ms += cost.ms ?? 0;
  }
  const device = ms < HOUR_MS ? undefined : unusedDevice();
  if (device === undefined) return [];
  return [
    `about ${duration(ms)} will be computed on the CPU, but there is a GPU here: --device ${device} uses it`,
  ];
}

/**
 * The notes on the devices that `tasks` compute on.
 *
 * @param costs of the tasks, where they are known
 */
export async function deviceNotes(
  tasks: readonly ExpandedTask[],
  options: ComputeOptions,
  costs: Costs | undefined,
): Promise<string[]> {
  const hours = costs ? await hoursOnCpu(tasks, options, costs) : [];
  const { all, tasks: byTask } = options.devices;
  // Most runs name no other device, and their tasks need not be looked at.
  const named = [all, ...byTask.values(), ...tasks.map(({ device }) => device)];
  if (!named.includes(WEBGPU)) return hours;
  for (const task of tasks) {
    if ((await computeOf(task, options)).device === WEBGPU) return [...hours, ONE_ADAPTER];
  }
  return hours;
}
