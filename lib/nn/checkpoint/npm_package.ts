/** Finds the files of an npm package that is used for its data alone, without loading any of its code. */

import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/**
 * The folder of a package, in Deno's cache or in the nearest `node_modules` above the current folder that may be read.
 *
 * @throws {Error} saying how to fetch the package, when it is in neither.
 */
export function npmPackageFolder(name: string, version: string): string {
  const found = inDenoCache(name, version) ?? inNodeModules(name, version);
  if (found) return found;
  throw new Error(
    `the npm package ${name} ${version} is not on this machine; fetch it by: deno cache --no-lock npm:${name}@${version}`,
  );
}

function inNodeModules(name: string, version: string): string | undefined {
  for (let folder = Deno.cwd();; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name);
    if (versionOf(join(candidate, "package.json")) === version) return candidate;
    if (folder === dirname(folder)) return undefined;
  }
}

function versionOf(description: string): string | undefined {
  try {
    return JSON.parse(Deno.readTextFileSync(description)).version;
  } catch (error) {
    // A process with few permissions finds what it may read.
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}

/** Deno keeps a package's files below the registry's name, of which there may be several. */
function inDenoCache(name: string, version: string): string | undefined {
  const cache = join(denoFolder(), "npm");
  const registries = existsSync(cache) ? readdirSync(cache).sort() : [];
  return registries.map((registry) => join(cache, registry, name, version)).find((folder) =>
    existsSync(folder)
  );
}

function denoFolder(): string {
  const given = Deno.env.get("DENO_DIR");
  if (given) return given;
  switch (Deno.build.os) {
    case "windows":
      return join(Deno.env.get("LOCALAPPDATA") ?? homedir(), "deno");
    case "darwin":
      return join(homedir(), "Library", "Caches", "deno");
    default:
      return join(Deno.env.get("XDG_CACHE_HOME") ?? join(homedir(), ".cache"), "deno");
  }
}
