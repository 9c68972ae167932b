/** What NVIDIA's driver says of its GPUs, by its program nvidia-smi. */

/** A GPU, or a part of one that was made by MIG (multi-instance GPU). */
export interface Gpu {
  /** As CUDA_VISIBLE_DEVICES takes it: the number of a GPU, counted by its place on the PCI bus; of an instance its UUID. */
  readonly id: string;
  readonly uuid: string;
  /** `NVIDIA A100-SXM4-40GB`, with the profile of an instance: `… MIG 3g.20gb`. */
  readonly model: string;
}

/** The GPUs of a text by `nvidia-smi -L`. A GPU that is divided into instances is used by these alone. */
export function parseListing(text: string): Gpu[] {
  const gpus: { own: Gpu; instances: Gpu[] }[] = [];
  for (const line of text.split("\n")) {
    const gpu = /^GPU (\d+): (.+?) \(UUID: (GPU-[\w-]+)\)/.exec(line);
    const instance = /^\s+MIG (\S+)\s+Device\s+\d+: \(UUID: (MIG-[\w/-]+)\)/.exec(line);
    if (gpu) gpus.push({ own: { id: gpu[1], model: gpu[2], uuid: gpu[3] }, instances: [] });
    const last = gpus.at(-1);
    if (instance && last) {
      const [, profile, uuid] = instance;
      last.instances.push({ id: uuid, uuid, model: `${last.own.model} MIG ${profile}` });
    }
  }
  return gpus.flatMap(({ own, instances }) => instances.length > 0 ? instances : [own]);
}

let listed: { readonly gpus: readonly Gpu[] | undefined } | undefined;

/** The GPUs of this machine, in the order of nvidia-smi; undefined where there is no such program or it fails. */
export function listedGpus(): readonly Gpu[] | undefined {
  if (!listed) {
    const text = ask("-L");
    listed = { gpus: text === undefined ? undefined : parseListing(text) };
  }
  return listed.gpus;
}

/** The version of the driver; undefined where nvidia-smi does not say it. */
export function driverVersion(): string | undefined {
  const version = ask("--query-gpu=driver_version", "--format=csv,noheader")?.split("\n")[0].trim();
  return version === "" ? undefined : version;
}

/** What a GPU is doing. */
export interface GpuUse {
  readonly id: string;
  readonly model: string;
  readonly percent: number;
  readonly usedBytes: number;
  readonly totalBytes: number;
}

const USE = "--query-gpu=index,name,utilization.gpu,memory.used,memory.total";

/** What the GPUs are doing; undefined where nvidia-smi can't tell. Does not hold up its caller. */
export async function gpuUse(): Promise<GpuUse[] | undefined> {
  try {
    const args = [USE, "--format=csv,noheader,nounits"];
    const { success, stdout } = await new Deno.Command("nvidia-smi", { args, stdin: "null", stderr: "null" })
      .output();
    return success ? parseUse(new TextDecoder().decode(stdout)) : undefined;
  } catch {
    return undefined; // There is no such program.
  }
}

/** The lines of nvidia-smi: number, name, percent, and memory in MiB. What is `[N/A]`, as of an instance, is 0. */
export function parseUse(text: string): GpuUse[] {
  return text.split("\n").filter((line) => line.trim() !== "").map((line) => {
    const [id, model, ...rest] = line.split(",").map((part) => part.trim());
    const [percent, used, total] = rest.map((part) => Number(part) || 0);
    return { id, model, percent, usedBytes: used * 2 ** 20, totalBytes: total * 2 ** 20 };
  });
}

function ask(...args: string[]): string | undefined {
  try {
    const { success, stdout } = new Deno.Command("nvidia-smi", { args, stdin: "null", stderr: "null" })
      .outputSync();
    return success ? new TextDecoder().decode(stdout) : undefined;
  } catch {
    return undefined; // There is no such program.
  }
}
