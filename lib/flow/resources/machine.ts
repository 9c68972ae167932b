/** What this machine has: processors, memory, and the gpus that this process may use. */

import { availableParallelism, totalmem } from "node:os";
import type { Machine } from "./resources.ts";
import { readFolder } from "../../system/read_folder.ts";

/**
 * The machine as the process sees it. Gpus are those of CUDA_VISIBLE_DEVICES where it is set (Slurm sets it), otherwise
 * the NVIDIA devices of /dev.
 */
export function thisMachine(): Machine {
  return { cpu: availableParallelism(), memoryMB: Math.floor(totalmem() / 2 ** 20), gpus: visibleGpus() };
}

function visibleGpus(): number[] {
  const visible = Deno.env.get("CUDA_VISIBLE_DEVICES");
  if (visible !== undefined) {
    return visible.split(",").map((id) => id.trim()).filter((id) => /^\d+$/.test(id)).map(Number);
  }
  try {
    const devices = readFolder("/dev").map(({ name }) => /^nvidia(\d+)$/.exec(name)?.[1]);
    return devices.filter((id) => id !== undefined).map(Number).sort((a, b) => a - b);
  } catch {
    return [];
  }
}
