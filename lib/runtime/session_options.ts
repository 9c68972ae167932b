/** The options of a task's sessions, derived from its device, runtime and resources. */

import { type Device, parseDevice } from "./device.ts";
import { DeviceError } from "./errors.ts";
import type { Forms } from "./forms.ts";

export const RUNTIMES = ["ort", "tfjs"] as const;

/** `ort` is onnxruntime, which runs a program as a whole; `tfjs` is TensorFlow.js, operation by operation. */
export type Runtime = (typeof RUNTIMES)[number];

/** The device, runtime and settings of a session; every field is optional. */
export interface SessionOptions {
  device?: Device;
  /** Default: onnxruntime. */
  runtime?: Runtime;
  /**
   * Threads per operation; default: one per core. Results are the same with one and two; from three on, the CPU's
   * matrix product may add in another order where the product has more columns than rows.
   */
  threads?: number;
  /** The result of {@link tuneForms} on this machine. Forms differ in rounding, so results depend on it. */
  forms?: Forms;
}

/** The part of a task's context that concerns sessions. */
export interface ComputeRequest {
  readonly device: string;
  readonly runtime: string;
  readonly resources: { readonly cpu: number };
}

/**
 * The options for all sessions of a task.
 *
 * @throws {DeviceError} if the device or runtime is unknown.
 */
export function sessionOptions({ device, runtime, resources }: ComputeRequest): SessionOptions {
  return { device: parseDevice(device), runtime: parseRuntime(runtime), threads: resources.cpu };
}

function parseRuntime(name: string): Runtime {
  const runtime = RUNTIMES.find((known) => known === name);
  if (!runtime) {
    throw new DeviceError(`there is no runtime "${name}"; it must be one of ${RUNTIMES.join(", ")}`);
  }
  return runtime;
}
