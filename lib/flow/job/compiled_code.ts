/**
 * The compiled forms of TypeScript modules in Deno's cache, to which an isolated process can't write. For each module that
 * is missing there, Deno tries to write for 0.15 s before it goes on.
 */

import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { StatKey } from "../store/stat_key.ts";
import { configFile, denoFolder } from "./deno_command.ts";

const processModule = fileURLToPath(new URL("./kind_process.ts", import.meta.url));
/** What packages are taken for: compiling a module needs nothing of them, and must not download them. */
const EMPTY_MODULE = "data:text/javascript,";
/** By the files, as they were then: what can't be compiled is tried once. */
const begun = new Map<string, Promise<void>>();

/**
 * Compiles those modules of a kind's code, and of the code that runs it, that Deno's cache does not have as they are now.
 * Modules that can't be compiled, or written to the cache, are left to the kind's process.
 *
 * @param files absolute paths
 */
export async function compileCode(kindFolder: string, files: readonly string[]): Promise<void> {
  const missing = uncompiled([processModule, ...files]);
  if (missing.length === 0) return;
  const key = missing.map((file) => `${file} ${StatKey.of(file)}`).join("\n");
  // A failure costs only time.
  const last = begun.get(key) ?? compile(missing, configFile(kindFolder)).catch(() => {});
  begun.set(key, last);
  await last;
}

/** The TypeScript modules among `files` that have no compiled form, or none that is younger than they are. */
export function uncompiled(files: readonly string[]): string[] {
  const compiler = StatKey.of(Deno.execPath())!.changedAt;
  return files.filter((file) => {
    const source = /\.[mc]?tsx?$/.test(file) ? StatKey.of(file) : undefined;
    if (source === undefined) return false;
    const compiled = StatKey.of(compiledPath(file));
    return compiled === undefined || compiled.changedAt <= Math.max(source.changedAt, compiler);
  });
}

async function compile(files: readonly string[], config: string): Promise<void> {
  const flags = ["--quiet", "--no-remote", "--no-npm", "--no-lock", "--config", config];
  await new Deno.Command(Deno.execPath(), {
    args: ["cache", ...flags, "--import-map", importMapWithoutPackages(config), ...files],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  const now = new Date();
  for (const file of uncompiled(files)) {
    try {
      // Deno does not write anew what it would write in the same way.
      Deno.utimeSync(compiledPath(file), now, now);
    } catch {
      // The module can't be compiled, or the cache can't be written to.
    }
  }
}

function importMapWithoutPackages(config: string): string {
  const imports: Record<string, string> = JSON.parse(Deno.readTextFileSync(config)).imports ?? {};
  const mapped = Object.entries(imports).map(([name, target]) => [
    name,
    target.startsWith("npm:") ? EMPTY_MODULE : new URL(target, pathToFileURL(config)).href,
  ]);
  return `data:application/json,${
    encodeURIComponent(JSON.stringify({ imports: Object.fromEntries(mapped) }))
  }`;
}

/** Where Deno keeps the compiled form of a module. */
function compiledPath(file: string): string {
  return `${join(denoFolder(), "gen", "file", file)}.js`;
}
