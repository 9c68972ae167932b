/** Loads the TensorFlow.js backend of a device, when the device is chosen. */

import util from "node:util";
import * as tf from "@tensorflow/tfjs-core";
import type { Device } from "../device.ts";
import { DeviceError } from "../errors.ts";

/**
 * Loads and activates the backend for a device. The CPU uses the backend in plain JavaScript, which is slow
 * and meant for tests; CUDA uses TensorFlow's native backend.
 *
 * @throws {DeviceError} if the backend can't be loaded on this machine, or TensorFlow.js has none for the
 * device.
 */
export async function useBackend(device: Device): Promise<void> {
  if (device === "cpu") {
    await import("@tensorflow/tfjs-backend-cpu");
    await tf.setBackend("cpu");
    return;
  }
  if (device !== "cuda") {
    throw new DeviceError(
      `the runtime tfjs does not support the device "${device}"; choose --device cuda or cpu, or --runtime ort`,
    );
  }
  try {
    restoreNodeFunction();
    // Resolved at run time: an import by name would download the package on every machine.
    await import(import.meta.resolve("npm:@tensorflow/tfjs-node-gpu@4.22.0"));
    if (!await tf.setBackend("tensorflow")) {
      throw new Error('the package did not register the backend "tensorflow"');
    }
    requireGpu(tf.backend());
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new DeviceError(
      `@tensorflow/tfjs-node-gpu can't be loaded: ${cause.trim()}. It is a native module whose install script downloads ` +
        "its libraries, which Deno does not run automatically. Run `deno run -A " +
        `npm:@tensorflow/tfjs-node-gpu@${tf.version_core}/scripts/install.js gpu download\`; it needs Linux or ` +
        "Windows on x64, an NVIDIA driver, CUDA 11 and cuDNN 8. Or choose --device cpu, or --runtime ort",
      { cause: error },
    );
  }
}

/**
 * Checks that the native backend computes on a GPU: where it finds no CUDA libraries, it takes the CPU in silence.
 *
 * @throws {Error} if it does not.
 */
export function requireGpu(backend: object): void {
  if ("isUsingGpuDevice" in backend && backend.isUsingGpuDevice === true) return;
  throw new Error("TensorFlow found no usable GPU and would compute on the CPU");
}

/** The package calls `util.isNullOrUndefined` in most of its kernels; Node 23 removed it. */
function restoreNodeFunction(): void {
  Object.assign(util, { isNullOrUndefined: (value: unknown) => value === null || value === undefined });
}
