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

function ask(...args: string[]): string | undefined {
  try {
    const { success, stdout } = new Deno.Command("nvidia-smi", { args, stdin: "null", stderr: "null" })
      .outputSync();
    return success ? new TextDecoder().decode(stdout) : undefined;
  } catch {
    return undefined; // There is no such program.
  }
}
