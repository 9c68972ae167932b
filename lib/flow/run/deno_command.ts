/** The `deno run` command line of a kind's process: the fewest permissions with which it works. */

import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Permissions } from "../kind.ts";

const engineFolder = fileURLToPath(new URL("../", import.meta.url));
const entryModule = fileURLToPath(new URL("./kind_process.ts", import.meta.url));

export interface DenoCommandOptions {
  /** Arguments of the kind's process. */
  args: string[];
  /** The folder of the kinds. */
  kindFolder: string;
  permissions: Permissions;
  /** Files and folders to be read, and to be written (and read). */
  read: string[];
  write: string[];
}

/** Program and arguments that run a kind's process. Nothing is granted that is not listed here or by the kind. */
export function denoCommand({ args, kindFolder, permissions, read, write }: DenoCommandOptions): string[] {
  const config = configFile(kindFolder);
  const code = [dirname(engineFolder), kindFolder, join(denoFolder(), "npm")];
  const flags = ["run", "--quiet", "--no-prompt", "--no-check", ...(config ? ["--config", config] : [])];
  flags.push(
    permissions.read === true ? "--allow-read" : allow("read", [
      ...code,
      ...read,
      ...write,
      ...(permissions.read ?? []),
    ]),
  );
  flags.push(allow("write", write));
  for (const name of ["net", "env", "ffi", "run", "sys"] as const) {
    const granted = permissions[name];
    if (granted === true) flags.push(`--allow-${name}`);
    else if (granted && granted.length > 0) flags.push(allow(name, [...granted]));
  }
  return [Deno.execPath(), ...flags, entryModule, ...args];
}

/** A comma separates values, and is itself written twice. */
function allow(name: string, values: string[]): string {
  return `--allow-${name}=${values.map((value) => value.replaceAll(",", ",,")).join(",")}`;
}

/** The nearest deno.json at or above `folder`: it has the import map of the kinds. */
function configFile(folder: string): string | undefined {
  for (let at = folder;; at = dirname(at)) {
    for (const name of ["deno.json", "deno.jsonc"]) {
      const file = join(at, name);
      try {
        if (Deno.statSync(file).isFile) return file;
      } catch {
        // Not here.
      }
    }
    if (dirname(at) === at) return undefined;
  }
}

/** Where Deno keeps npm packages. */
export function denoFolder(): string {
  const stated = Deno.env.get("DENO_DIR");
  if (stated) return stated;
  const home = homedir();
  switch (Deno.build.os) {
    case "darwin":
      return join(home, "Library", "Caches", "deno");
    case "windows":
      return join(Deno.env.get("LOCALAPPDATA") ?? home, "deno");
    default:
      return join(Deno.env.get("XDG_CACHE_HOME") ?? join(home, ".cache"), "deno");
  }
}
