/** The devices that run programs, by the names of onnxruntime's execution providers. */

import { DeviceError } from "./errors.ts";

/** The device names that `--device` accepts. */
export const DEVICES = ["cpu", "webgpu", "cuda"] as const;

/** A device's name. */
export type Device = (typeof DEVICES)[number];

/**
 * The device with this name.
 *
 * @throws {DeviceError} for any other name.
 */
export function parseDevice(name: string): Device {
  const device = DEVICES.find((known) => known === name);
  if (!device) throw new DeviceError(`there is no device "${name}"; it must be one of ${DEVICES.join(", ")}`);
  return device;
}

/** The execution providers for a device. The CPU runs operations for which the device has no kernels. */
export function executionProviders(device: Device): string[] {
  return device === "cpu" ? ["cpu"] : [device, "cpu"];
}

const CUDA_ADVICE =
  "onnxruntime's CUDA provider is not part of its npm package: on Linux x64 its install script downloads it, which " +
  "Deno does not run automatically. Run `ONNXRUNTIME_NODE_INSTALL=cuda12 deno run -A " +
  "npm:onnxruntime-node@1.30.0/script/install.js`; it needs an NVIDIA driver, CUDA 12 and cuDNN 9. " +
  "Or choose --device cpu";

const WEBGPU_ADVICE =
  "WebGPU needs a driver that Dawn can use (on Linux a Vulkan driver that `vulkaninfo` lists, " +
  "on Windows D3D12, on macOS Metal). Or choose --device cpu";

/** The error for a session that could not be created on `device`. */
export function deviceFailure(device: Device, cause: unknown): Error {
  const message = cause instanceof Error ? cause.message : String(cause);
  const advice = device === "cuda" ? CUDA_ADVICE : device === "webgpu" ? WEBGPU_ADVICE : undefined;
  return advice
    ? new DeviceError(`the device "${device}" can't be used: ${message.trim()}. ${advice}`, { cause })
    : new Error(`onnxruntime rejected the program: ${message}`, { cause });
}
