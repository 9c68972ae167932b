/** The devices that programs run on, by the names of onnxruntime's execution providers. */

import { DeviceError } from "./errors.ts";

/** Devices by the name that `--device` takes. */
export const DEVICES = ["cpu", "webgpu", "cuda"] as const;

/** A device's name. */
export type Device = (typeof DEVICES)[number];

/**
 * The device called `name`.
 *
 * @throws {DeviceError} for any other name.
 */
export function parseDevice(name: string): Device {
  const device = DEVICES.find((known) => known === name);
  if (!device) throw new DeviceError(`there is no device "${name}"; it must be one of ${DEVICES.join(", ")}`);
  return device;
}

/** What onnxruntime is to run a program on; the CPU takes the operations that a device has no kernels for. */
export function executionProviders(device: Device): string[] {
  return device === "cpu" ? ["cpu"] : [device, "cpu"];
}

const CUDA_ADVICE =
  "onnxruntime's CUDA provider is not part of its npm package: on Linux x64 its install script fetches it, which " +
  "Deno does not run by itself. Run `ONNXRUNTIME_NODE_INSTALL=cuda12 deno run -A " +
  "npm:onnxruntime-node@1.30.0/script/install.js`; it needs an NVIDIA driver, CUDA 12 and cuDNN 9. " +
  "Or choose --device cpu";

const WEBGPU_ADVICE =
  "WebGPU needs a driver that Dawn can use (on Linux a Vulkan driver that `vulkaninfo` lists, " +
  "on Windows D3D12, on macOS Metal). Or choose --device cpu";

/** The error for a session that could not be made on `device`. */
export function deviceFailure(device: Device, cause: unknown): Error {
  const message = cause instanceof Error ? cause.message : String(cause);
  const advice = device === "cuda" ? CUDA_ADVICE : device === "webgpu" ? WEBGPU_ADVICE : undefined;
  return advice
    ? new DeviceError(`the device "${device}" can't be used: ${message.trim()}. ${advice}`, { cause })
    : new Error(`onnxruntime refused the program: ${message}`, { cause });
}
