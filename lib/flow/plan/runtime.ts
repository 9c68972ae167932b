/** The runtime identity: what beside code, params and inputs may change the bits of a result. */

import type { KnownKind } from "./resolve.ts";

/**
 * For a program of the user: the operating system and processor. For a kind in TypeScript also the version of Deno and
 * the device; the versions of the packages it uses are part of its code.
 */
export function runtimeIdentity({ isProgram }: KnownKind, device: string): Record<string, string> {
  const { os, arch } = Deno.build;
  return isProgram ? { os, arch } : { os, arch, deno: Deno.version.deno, device };
}
