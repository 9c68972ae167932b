/** The `deno run` command line of a kind's process, with minimal permissions. */

import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { FlowError } from "../errors.ts";
import type { Permissions } from "../kind.ts";

const engineFolder = fileURLToPath(new URL("../", import.meta.url));
const entryModule = fileURLToPath(new URL("./kind_process.ts", import.meta.url));

export interface DenoCommandOptions {
  /** Arguments of the kind's process. */
  args: string[];
  /** The folder of the kinds. */
  kindFolder: string;
  permissions: Permissions;
}

/**
 * The program and arguments that run a kind's process in its working folder. It may read that folder, write its `out`
 * and `tmp`, read the code and npm packages, and use what the kind lists; nothing else is granted. Links in the working
 * folder may be followed, so sources and the scratch folder need no further permission.
 *
 * @throws FlowError if a path contains a comma, which Deno's flags can't express
 */
export function denoCommand({ args, kindFolder, permissions }: DenoCommandOptions): string[] {
  const config = configFile(kindFolder);
  const code = [dirname(engineFolder), kindFolder, join(denoFolder(), "npm")];
  const flags = ["run", "--quiet", "--no-prompt", "--no-check", ...(config ? ["--config", config] : [])];
  flags.push(
    permissions.read === true ? "--allow-read" : allow("read", [".", ...code, ...(permissions.read ?? [])]),
  );
  flags.push(allow("write", ["out", "tmp"]));
  for (const name of ["net", "env", "ffi", "run", "sys"] as const) {
    const granted = permissions[name];
    if (granted === true) flags.push(`--allow-${name}`);
    else if (granted && granted.length > 0) flags.push(allow(name, [...granted]));
  }
  return [Deno.execPath(), ...flags, entryModule, ...args];
}

function allow(name: string, values: string[]): string {
  const bad = values.find((value) => value.includes(","));
  if (bad !== undefined) {
    throw new FlowError(
      "comma-in-path",
      `"${bad}" has a comma, so Deno cannot be told to allow it: move or rename it`,
    );
  }
  return `--allow-${name}=${values.join(",")}`;
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
