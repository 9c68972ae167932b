/** Starts a child in its own session, with its output redirected to a file. */

import { isAbsolute, join, resolve } from "node:path";
import { FlowError } from "../errors.ts";
import type { Child, SpawnOptions, StartChild } from "./child.ts";
import { StatKey } from "../store/stat_key.ts";
import { spawnLinux } from "./spawn_linux.ts";
import { spawnPortable } from "./spawn_portable.ts";

const startHere: StartChild = Deno.build.os === "linux" ? spawnLinux : spawnPortable;

/** Starts `argv` by `start`. @throws FlowError not-started, which names the program */
export async function spawn(options: SpawnOptions, start: StartChild = startHere): Promise<Child> {
  const illegal = [...options.argv, ...Object.entries(options.env).flat()].find((text) =>
    text.includes("\0")
  );
  if (illegal !== undefined) {
    throw new FlowError(
      "not-started",
      `${JSON.stringify(illegal)} has a NUL character, at which an argument ends`,
    );
  }
  return await start(resolveProgram(options), options);
}

/**
 * The file that `argv[0]` names: a path is relative to the child's folder, a bare name is searched on its PATH.
 *
 * @throws FlowError not-started where it is not on the PATH
 */
export function resolveProgram({ argv, env, cwd }: Pick<SpawnOptions, "argv" | "env" | "cwd">): string {
  const name = argv[0];
  if (isAbsolute(name)) return name;
  if (name.includes("/")) return resolve(cwd, name);
  const folders = (env.PATH ?? "").split(Deno.build.os === "windows" ? ";" : ":").filter(isAbsolute);
  for (const folder of folders) {
    const candidate = join(folder, name);
    if (isFile(candidate)) return candidate;
  }
  if (Deno.build.os === "windows") return name;
  throw new FlowError(
    "not-started",
    `program "${name}" is not found on PATH (${folders.join(":") || "empty"})`,
  );
}

/** A folder on the PATH that can't be looked at has no program either. */
function isFile(path: string): boolean {
  try {
    return StatKey.of(path)?.isFile ?? false;
  } catch {
    return false;
  }
}
