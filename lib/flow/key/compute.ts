/** What a task computes on: the device and runtime that were chosen, as far as its kind uses them. */

import type { ExpandedTask } from "../definition/expanded.ts";
import type { Demands } from "../demand.ts";
import { FlowError } from "../errors.ts";
import {
  CUDA,
  DEFAULT_DEVICE,
  DEFAULT_RUNTIME,
  type DeviceChoice,
  deviceOf,
  WEBGPU,
} from "../resources/device_choice.ts";

/** A device, a runtime, and the part of a GPU. */
export interface Compute {
  readonly device: string;
  readonly runtime: string;
  /** The part of a GPU to assign: 1 is a whole device, 0 none. */
  readonly gpu: number;
}

/** Of tasks whose bits depend on no device: downloads, crops, reports. Keys of theirs name these whatever was chosen. */
export const ON_HOST: Compute = { device: DEFAULT_DEVICE, runtime: DEFAULT_RUNTIME, gpu: 0 };

/** The settings of a run that decide what its tasks compute on. */
export interface ComputeOptions {
  readonly devices: DeviceChoice;
  readonly runtime: string;
  readonly demands: Demands;
}

/**
 * What `task` computes on. WebGPU can't be told which adapter to take, so that its tasks take the whole of one.
 *
 * @throws FlowError precision, where its device does not compute with the precision that its params ask for
 */
export async function computeOf(
  task: ExpandedTask,
  { devices, runtime, demands }: ComputeOptions,
): Promise<Compute> {
  const device = deviceOf(devices, task);
  requirePrecision(task, device);
  if (device === DEFAULT_DEVICE && runtime === DEFAULT_RUNTIME) return ON_HOST;
  const gpu = await gpuShare(task, demands);
  if (gpu === 0) return ON_HOST;
  return { device, runtime, gpu: device === DEFAULT_DEVICE ? 0 : device === WEBGPU ? 1 : gpu };
}

/** The part of a GPU that a task takes where it computes on one; 0 where its kind computes on none. */
export async function gpuShare({ kind, params }: ExpandedTask, demands: Demands): Promise<number> {
  if (!Object.hasOwn(demands, kind)) return 0;
  const { default: { gpu = 0 } } = await demands[kind]();
  return typeof gpu === "function" ? gpu(params) : gpu;
}

/** The precision that needs a device with tensor cores. */
export const TF32 = "tf32";

function requirePrecision({ id, params }: ExpandedTask, device: string): void {
  if (params.precision !== TF32 || device === CUDA) return;
  throw new FlowError(
    "precision",
    `task ${id}: the param precision is tf32, which only the device cuda has, but it computes on ${device}: choose ` +
      "--device cuda, or precision fp32",
  );
}
