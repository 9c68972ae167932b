/** The runtime identity: what beside code, params and inputs may change the bits of a result. */

import { CUDA } from "../resources/device_choice.ts";
import type { Compute } from "./compute.ts";
import { cudaIdentity } from "./cuda_identity.ts";
import type { KnownKind } from "./resolve.ts";
import { vectorInstructions } from "./vector_instructions.ts";

/**
 * For a program of the user: the operating system and processor. For a kind in TypeScript also the version of Deno, the
 * device and the runtime that it computes on; the versions of the packages it uses are part of its code.
 */
export function runtimeIdentity(
  { isProgram, isNative }: Pick<KnownKind, "isProgram" | "isNative">,
  { device, runtime }: Pick<Compute, "device" | "runtime">,
): Record<string, string> {
  const { os, arch } = Deno.build;
  if (isProgram) return { os, arch };
  return {
    os,
    arch,
    deno: Deno.version.deno,
    device,
    runtime,
    // Native numeric libraries choose kernels, and so the order of sums, by the processor's instructions.
    ...(isNative ? { vectors: vectorInstructions() } : {}),
    ...(device === CUDA ? cudaIdentity(runtime) : {}),
  };
}
