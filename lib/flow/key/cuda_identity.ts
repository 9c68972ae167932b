/** What may change the bits that CUDA gives: the model of GPU, the driver, and the versions of its numeric libraries. */

import { hostname } from "node:os";
import { basename } from "node:path";
import { FlowError } from "../errors.ts";
import { gpuNamed, thisMachine } from "../resources/machine.ts";
import { driverVersion, listedGpus } from "../resources/nvidia_smi.ts";

/** The libraries that choose kernels, by the runtime that loads them. */
const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  ort: ["libcudnn.so.9", "libcublas.so.12"],
  tfjs: ["libcudnn.so.8", "libcublas.so.11"],
};

const FOLDERS = ["/usr/local/cuda/lib64", "/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib"];

const known = new Map<string, Readonly<Record<string, string>>>();

/**
 * The part of a runtime identity that CUDA adds. Where the driver can't be asked, results belong to this machine alone.
 *
 * @throws FlowError gpus-differ, where it can't be said which model a task will get
 */
export function cudaIdentity(runtime: string): Readonly<Record<string, string>> {
  let identity = known.get(runtime);
  if (!identity) known.set(runtime, identity = readIdentity(runtime));
  return identity;
}

function readIdentity(runtime: string): Record<string, string> {
  const listed = listedGpus() ?? [];
  const models = [
    ...new Set(thisMachine().gpus.map((id) => gpuNamed(id, listed)?.model ?? `unknown, of ${hostname()}`)),
  ];
  if (models.length > 1) {
    throw new FlowError(
      "gpus-differ",
      `the GPUs here are of different models (${
        models.join(", ")
      }), and a result is kept by the model that gave it: ` +
        "choose those of one model by CUDA_VISIBLE_DEVICES",
    );
  }
  const libraries = (LIBRARIES[runtime] ?? []).map((name) => [name.split(".")[0], versionOf(name)]);
  return {
    gpu: models[0] ?? "none",
    driver: driverVersion() ?? "unknown",
    ...Object.fromEntries(libraries.filter(([, version]) => version !== undefined)),
  };
}

/** The file that a library's name leads to, which is named by its full version: `libcudnn.so.9.5.1`. */
function versionOf(library: string): string | undefined {
  const folders = [...(Deno.env.get("LD_LIBRARY_PATH") ?? "").split(":").filter(Boolean), ...FOLDERS];
  for (const folder of folders) {
    try {
      return basename(Deno.realPathSync(`${folder}/${library}`));
    } catch {
      // Not here.
    }
  }
}
