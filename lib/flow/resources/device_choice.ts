/** Which device each task is to compute on: what `--device` says, then what the workflow says, then the CPU. */

import { FlowError } from "../errors.ts";
import { nearest } from "../suggest.ts";

/** The device of tasks for which none is chosen. */
export const DEFAULT_DEVICE = "cpu";
/** The runtime of numeric programs where none is chosen. */
export const DEFAULT_RUNTIME = "ort";
/** NVIDIA's devices, which are assigned by their ids. */
export const CUDA = "cuda";
/** The device that the system's graphics driver provides. */
export const WEBGPU = "webgpu";

/** What a user chose. */
export interface DeviceChoice {
  /** For all tasks that are not named. */
  readonly all?: string;
  /** By the name of a task in the workflow file. */
  readonly tasks: ReadonlyMap<string, string>;
}

/** A device that is not known: the message names it, the nearest and all known ones. */
export class UnknownDevice extends Error {}

/**
 * Reads `cuda`, `joint=cuda,segment=webgpu`, or both: `webgpu,joint=cuda`.
 *
 * @param known the names of devices
 * @throws UnknownDevice
 */
export function parseDevices(text: string | undefined, known: readonly string[]): DeviceChoice {
  let all: string | undefined;
  const tasks = new Map<string, string>();
  for (const part of text === undefined ? [] : text.split(",").map((part) => part.trim())) {
    const at = part.lastIndexOf("=");
    const device = part.slice(at + 1);
    requireDevice(device, known);
    if (at >= 0) tasks.set(part.slice(0, at), device);
    else if (all !== undefined && all !== device) {
      throw new UnknownDevice(`Given ${all} and ${device} for all tasks; expected one, and TASK=DEVICE.`);
    } else all = device;
  }
  return { ...(all !== undefined && { all }), tasks };
}

/** @throws UnknownDevice */
export function requireDevice(device: string, known: readonly string[]): void {
  if (known.includes(device)) return;
  const near = nearest(device, known);
  throw new UnknownDevice(`${near ? `Did you mean ${near}? ` : ""}Known: ${known.join(", ")}.`);
}

/** The parts of a task that a choice looks at. */
interface ChosenFor {
  readonly task: string;
  /** The device that the workflow names. */
  readonly device?: string;
}

/** The device for a task. */
export function deviceOf({ all, tasks }: DeviceChoice, { task, device }: ChosenFor): string {
  return tasks.get(task) ?? all ?? device ?? DEFAULT_DEVICE;
}

/**
 * Checks the names in a choice, and those in a workflow.
 *
 * @throws FlowError usage
 */
export function checkDevices(
  { tasks }: DeviceChoice,
  workflow: { readonly name: string; readonly tasks: readonly ChosenFor[] },
  known: readonly string[],
): void {
  const names = [...new Set(workflow.tasks.map(({ task }) => task))];
  for (const name of tasks.keys()) {
    if (names.includes(name)) continue;
    const near = nearest(name, names);
    const help = near ? `did you mean "${near}"?` : `it has: ${names.slice(0, 20).join(", ")}`;
    throw new FlowError("usage", `--device: workflow ${workflow.name} has no task "${name}"; ${help}`);
  }
  for (const { task, device } of workflow.tasks) {
    if (device === undefined) continue;
    try {
      requireDevice(device, known);
    } catch (error) {
      if (!(error instanceof UnknownDevice)) throw error;
      throw new FlowError("usage", `task ${task}: there is no device "${device}". ${error.message}`);
    }
  }
}
