/** How many prompts a mask decoder decodes at once, and whether their masks leave the device. */

import type { Device } from "../../runtime/device.ts";
import type { SessionOptions } from "../../runtime/session_options.ts";

/**
 * The number of prompts decoded per run. On the CPU the largest number whose intermediate maps fit into its cache. On CUDA
 * so many that an embedding, which every run is given, is shared by more of them. WebGPU limits the size of a buffer, and
 * embeddings stay in its memory.
 */
export function promptsPerRun(device: Device = "cpu"): number {
  return device === "cuda" ? 64 : 8;
}

/**
 * Whether masks are filtered on the device, so that only the bits of those that pass leave it: float maps of 64 prompts are
 * 50 MB, on CUDA a copy to the host. Not on the CPU, whose own filters compute only what lies near a threshold, nor on
 * WebGPU, which has no float64.
 */
export function keepsMasks({ device, runtime }: SessionOptions): boolean {
  return device === "cuda" && runtime !== "tfjs";
}
