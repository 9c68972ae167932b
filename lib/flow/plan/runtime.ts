/** The runtime identity: what beside code, params and inputs may change the bits of a result. */

import type { AnyKind } from "../kind.ts";

/**
 * For a program of the user: the operating system and processor. For a kind in TypeScript also the version of Deno and
 * the device; the versions of the packages it uses are part of its code.
 */
export function runtimeIdentity(kind: AnyKind, device: string): Record<string, string> {
  const { os, arch } = Deno.build;
  return kind.program ? { os, arch } : { os, arch, deno: Deno.version.deno, device };
}
