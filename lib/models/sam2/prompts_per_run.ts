/** How many prompts a mask decoder decodes at once. */

import type { Device } from "../../runtime/device.ts";

/**
 * The number of prompts decoded per run. On the CPU the largest number whose intermediate maps fit into its cache. On CUDA
 * so many that an embedding, which every run is given, is shared by more of them. WebGPU limits the size of a buffer, and
 * embeddings stay in its memory.
 */
export function promptsPerRun(device: Device = "cpu"): number {
  return device === "cuda" ? 64 : 8;
}
