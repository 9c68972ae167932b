/** Starting a child in a session of its own, its output going to a file. */

import { isAbsolute, join, resolve } from "node:path";
import { spawnLinux } from "./spawn_linux.ts";
import { spawnPortable } from "./spawn_portable.ts";

export interface SpawnOptions {
  /** Program and arguments; a program without a slash is looked up on the PATH of `env`. */
  argv: string[];
  /** The whole environment of the child: nothing is inherited. */
  env: Record<string, string>;
  cwd: string;
  /** Standard output and error are appended to this file. */
  logFile: string;
}

export interface ChildExit {
  /** Exit code, or null when a signal ended it. */
  code: number | null;
  signal: number | null;
  /** User and system time of the child and of what it waited for; unknown where the platform does not say. */
  cpuMs?: number;
  /** Largest resident set, as the kernel counted it at exit, in bytes. */
  peakBytes?: number;
}

export interface Child {
  pid: number;
  exit: Promise<ChildExit>;
}

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
