/** The backends of TensorFlow.js that programs run on; each is loaded when it is chosen. */

import util from "node:util";
import * as tf from "@tensorflow/tfjs-core";
import type { Device } from "../device.ts";
import { DeviceError } from "../errors.ts";

/**
 * Loads the backend for a device and makes it the one that computes: for the CPU the one in plain JavaScript, slow and
 * meant for tests, for CUDA that of TensorFlow.
 *
 * @throws {DeviceError} when it can't be loaded here, or TensorFlow.js has none for the device.
 */
export async function useBackend(device: Device): Promise<void> {
  if (device === "cpu") {
    await import("@tensorflow/tfjs-backend-cpu");
    await tf.setBackend("cpu");
    return;
  }
  if (device !== "cuda") {
    throw new DeviceError(
      `TensorFlow.js does not compute on "${device}" here; choose --device cuda or cpu, or --runtime ort`,
    );
  }
  try {
    restoreNodeFunction();
    // Resolved only now: most machines neither have nor need it, and an import by name would fetch it at once.
    await import(import.meta.resolve("npm:@tensorflow/tfjs-node-gpu@4.22.0"));
    if (!await tf.setBackend("tensorflow")) throw new Error("it registered no backend");
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new DeviceError(
      `@tensorflow/tfjs-node-gpu can't be loaded: ${cause.trim()}. It is a native module whose install script fetches ` +
        "its libraries, which Deno does not run by itself. Run `deno run -A " +
        `npm:@tensorflow/tfjs-node-gpu@${tf.version_core}/scripts/install.js gpu download\`; it needs Linux or ` +
        "Windows on x64, an NVIDIA driver, CUDA 11 and cuDNN 8. Or choose --device cpu, or --runtime ort",
      { cause: error },
    );
  }
}

/** The package calls `util.isNullOrUndefined` in most of its kernels; Node 23 removed it. */
function restoreNodeFunction(): void {
  Object.assign(util, { isNullOrUndefined: (value: unknown) => value === null || value === undefined });
}
