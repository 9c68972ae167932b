/** Starting a child in a session of its own, its output going to a file. */

import { isAbsolute, join, resolve } from "node:path";
import type { Child, SpawnOptions } from "./child.ts";
import { spawnLinux } from "./spawn_linux.ts";
import { spawnPortable } from "./spawn_portable.ts";

/** Starts `argv`; throws an Error naming the program when it cannot be started. */
export async function spawn(options: SpawnOptions): Promise<Child> {
  const program = resolveProgram(options);
  return Deno.build.os === "linux" ? await spawnLinux(program, options) : spawnPortable(program, options);
}

/** The file that `argv[0]` names: a path is relative to the child's folder, a bare name is searched on its PATH. */
function resolveProgram({ argv, env, cwd }: SpawnOptions): string {
  const name = argv[0];
  if (isAbsolute(name)) return name;
  if (name.includes("/")) return resolve(cwd, name);
  const folders = (env.PATH ?? "").split(Deno.build.os === "windows" ? ";" : ":").filter(isAbsolute);
  for (const folder of folders) {
    const candidate = join(folder, name);
    try {
      if (Deno.statSync(candidate).isFile) return candidate;
    } catch {
      // Not in this folder.
    }
  }
  if (Deno.build.os === "windows") return name;
  throw new Error(`program "${name}" is not found on PATH (${folders.join(":") || "empty"})`);
}
