/** The options of a task's sessions, derived from its device, runtime and resources. */

import { type Device, parseDevice } from "./device.ts";
import { DeviceError } from "./errors.ts";
import type { Forms } from "./forms.ts";

export const RUNTIMES = ["ort", "tfjs"] as const;

/** `ort` is onnxruntime, which runs a program as a whole; `tfjs` is TensorFlow.js, operation by operation. */
export type Runtime = (typeof RUNTIMES)[number];

/** Where and how a program runs; every field is optional. */
export interface SessionOptions {
  device?: Device;
  /** onnxruntime by default. */
  runtime?: Runtime;
  /** Threads within an operation; all of the machine's by default. Results do not depend on it. */
  threads?: number;
  /** What {@link tuneForms} chose on this machine; results depend on it by rounding. */
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
 * @throws {DeviceError} for a device or runtime that is not known.
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
