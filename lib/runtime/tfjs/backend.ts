/** The backends of TensorFlow.js that programs run on; each is loaded when it is chosen. */

import * as tf from "@tensorflow/tfjs-core";
import { DeviceError } from "../errors.ts";

export const TFJS_BACKENDS = ["cpu", "gpu"] as const;

/** `cpu` is plain JavaScript, for tests; `gpu` is TensorFlow with CUDA. */
export type TfjsBackend = (typeof TFJS_BACKENDS)[number];

/** Not in the import map: most machines neither have nor need it. */
const GPU_PACKAGE = "npm:@tensorflow/tfjs-node-gpu@4.22.0";

/**
 * Loads a backend and makes it the one that computes.
 *
 * @throws {DeviceError} when it can't be loaded here.
 */
export async function useBackend(backend: TfjsBackend): Promise<void> {
  if (backend === "cpu") {
    await import("@tensorflow/tfjs-backend-cpu");
    await tf.setBackend("cpu");
    return;
  }
  try {
    await import(GPU_PACKAGE);
    if (!await tf.setBackend("tensorflow")) throw new Error("it registered no backend");
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new DeviceError(
      `@tensorflow/tfjs-node-gpu can't be loaded: ${cause.trim()}. It is a native module that its install script ` +
        "downloads or builds: `deno install --node-modules-dir=auto --allow-scripts=npm:@tensorflow/tfjs-node-gpu " +
        `${GPU_PACKAGE}\`; it needs Linux or Windows on x64, an NVIDIA driver, CUDA 11 and cuDNN 8, and a Node API ` +
        "of Node 22 or older. Or choose --runtime ort",
      { cause: error },
    );
  }
}
