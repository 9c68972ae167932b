/** The environment variables that a kind may read: what its process is given, and what of them is in the key. */

import { sha256Hex } from "../store/digest.ts";
import { WORK_VARIABLE } from "../store/work_processes.ts";

/** Set by the engine for every action, whatever the user's environment has. */
const ENGINE_VARIABLES = new Set([
  "PATH",
  "HOME",
  "TMPDIR",
  "CUDA_VISIBLE_DEVICES",
  "DENO_DIR",
  "DENO_NO_UPDATE_CHECK",
  "NO_COLOR",
  WORK_VARIABLE,
]);

/** The names that a kind was granted and that the user, not the engine, gives a value. */
export function grantedNames(granted: true | readonly string[] | undefined): readonly string[] {
  if (granted === undefined || granted === true) return [];
  return [...new Set(granted)].filter((name) => !ENGINE_VARIABLES.has(name)).sort();
}

/** The variables of `names` that are set, with their values. */
export function grantedValues(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}

/** As {@link grantedValues}, with the SHA-256 of each value in its place. */
export function grantedDigests(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(grantedValues(names)).map(([name, value]) => [name, sha256Hex(value)]),
  );
}
