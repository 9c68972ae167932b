/** What this machine has: processors, memory, and the gpus that this process may use. */

import { availableParallelism, totalmem } from "node:os";
import { readFolder } from "../../system/read_folder.ts";
import { type Gpu, listedGpus } from "./nvidia_smi.ts";
import type { Machine } from "./resources.ts";

/**
 * The machine as the process sees it. Gpus are those of CUDA_VISIBLE_DEVICES where it is set (Slurm sets it), otherwise
 * those that nvidia-smi lists, or the NVIDIA devices of /dev. They are looked for when they are first asked for.
 *
 * @param cpu the number of processors to use; by default all
 */
export function thisMachine(cpu: number = availableParallelism()): Machine {
  let gpus: readonly string[] | undefined;
  return {
    cpu,
    memoryMB: Math.floor(totalmem() / 2 ** 20),
    get gpus() {
      return gpus ??= visibleGpus(Deno.env.get("CUDA_VISIBLE_DEVICES"), listedGpus);
    },
    // Dawn takes the first of several adapters, and can't be told to take another.
    get adapter() {
      return this.gpus[0];
    },
  };
}

/**
 * The ids of the gpus that may be used: numbers, UUIDs (`GPU-…`, which may be shortened) or MIG instances (`MIG-…`). As
 * in CUDA the list ends at the first entry that is none of these, and a device that is named twice counts once.
 *
 * @param visible the value of CUDA_VISIBLE_DEVICES, if it is set
 * @param list the gpus of the machine, if its driver can be asked
 */
export function visibleGpus(
  visible: string | undefined,
  list: () => readonly Gpu[] | undefined,
): readonly string[] {
  if (visible === undefined) return list()?.map(({ id }) => id) ?? gpuFiles();
  const ids: string[] = [];
  for (const entry of visible.split(",").map((id) => id.trim())) {
    if (/^\d+$/.test(entry)) ids.push(String(Number(entry)));
    else if (/^(?:GPU-[0-9a-fA-F-]+|MIG-[\w/-]+)$/.test(entry)) ids.push(entry);
    else break;
  }
  // The driver is asked only where one device can have two names.
  const gpus = ids.every((id) => /^\d+$/.test(id)) ? [] : list() ?? [];
  const nameOf = (id: string) => gpuNamed(id, gpus)?.uuid ?? id;
  return ids.filter((id, i) => ids.findIndex((other) => nameOf(other) === nameOf(id)) === i);
}

/** The gpu that CUDA takes for `id`. */
export function gpuNamed(id: string, gpus: readonly Gpu[]): Gpu | undefined {
  return gpus.find((gpu) => gpu.id === id) ??
    gpus.find(({ uuid }) => id.includes("-") && uuid.toLowerCase().startsWith(id.toLowerCase()));
}

/** Where the driver can't be asked. */
function gpuFiles(): string[] {
  try {
    const devices = readFolder("/dev").map(({ name }) => /^nvidia(\d+)$/.exec(name)?.[1]);
    return devices.filter((id) => id !== undefined).sort((a, b) => Number(a) - Number(b));
  } catch {
    return [];
  }
}
