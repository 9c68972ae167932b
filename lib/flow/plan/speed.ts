/** How fast a device computes: measured by a calibration that is kept like any result, or assumed. */

import { hostname } from "node:os";
import type { TimeCurve } from "../../system/time_curve.ts";
import type { Estimate } from "../demand.ts";
import type { KindRegistry } from "../kind.ts";
import { type Compute, ON_HOST } from "../key/compute.ts";
import { CUDA, DEFAULT_DEVICE, DEFAULT_RUNTIME, WEBGPU } from "../resources/device_choice.ts";
import type { Store } from "../store/store.ts";
import type { TaskResolver } from "./task_resolver.ts";

/** What a calibration measures. */
export interface MeasuredSpeed {
  /** Of large operations, with all cores. */
  readonly flopPerSecond: number;
  /** The time from the start of a process until its task begins. */
  readonly startSeconds: number;
  /** Other operations by name: with one core, and with all of the machine. */
  readonly operations: Readonly<Record<string, { readonly one: TimeCurve; readonly all: TimeCurve }>>;
}

/** FLOP a second of devices that were not measured: two cores of a laptop, its graphics, a data centre's GPU. */
export const ASSUMED: Readonly<Record<string, number>> = {
  [DEFAULT_DEVICE]: 1e11,
  [WEBGPU]: 1e12,
  [CUDA]: 1e13,
};

/** The start of a process where it was not measured. */
const ASSUMED_START = 0.5;

/** The speed of a device. What is assumed knows no operations but FLOP. */
export interface DeviceSpeed extends MeasuredSpeed {
  readonly isMeasured: boolean;
}

function assumedSpeed(device: string): DeviceSpeed {
  const flopPerSecond = ASSUMED[device] ?? ASSUMED[DEFAULT_DEVICE];
  return { flopPerSecond, startSeconds: ASSUMED_START, operations: {}, isMeasured: false };
}

/** The work of a task at assumed speeds, in seconds. */
export function workSeconds(
  { flop = 0, seconds = 0 }: Pick<Estimate, "flop" | "seconds">,
  device: string,
): number {
  return seconds + flop / (ASSUMED[device] ?? ASSUMED[DEFAULT_DEVICE]);
}

/** The speed of a device by the calibration on this machine, if there is one. Nothing is run. */
export async function speedOf(
  { device, runtime }: Pick<Compute, "device" | "runtime">,
  { calibration }: Pick<KindRegistry, "calibration">,
  resolver: TaskResolver,
  store: Store,
): Promise<DeviceSpeed> {
  const assumed = assumedSpeed(device);
  if (calibration === undefined) return assumed;
  const { kind, output } = calibration;
  const task = { id: kind, task: kind, member: {}, kind, params: {}, inputs: {}, outputs: [output] };
  const isHost = device === DEFAULT_DEVICE && runtime === DEFAULT_RUNTIME;
  const compute = isHost ? ON_HOST : { device, runtime, gpu: device === DEFAULT_DEVICE ? 0 : 1 };
  const { key } = await resolver.resolve(task, () => ({}), compute);
  const record = store.getRecord(key);
  // In a store that machines share, the speed of another one says nothing.
  const file = record?.facts.host === hostname() ? record.outputs[output]?.file : undefined;
  if (file === undefined) return assumed;
  try {
    const measured: MeasuredSpeed = JSON.parse(store.bytes.text(file.digest));
    return { ...measured, isMeasured: true };
  } catch {
    return assumed; // It was deleted: an estimate is only a help.
  }
}
