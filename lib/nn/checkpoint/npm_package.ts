/** Finds the files of an npm package that is used for its data alone, without loading any of its code. */

import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The folder of a package in Deno's cache.
 *
 * @param description what `import.meta.resolve("npm:NAME@VERSION/package.json")` gives. The caller writes this call
 *   out, so that the package is found in its code, and its bytes are part of the keys of what uses it.
 * @throws {Error} saying how to fetch the package, when it is not on this machine.
 */
export function npmPackageFolder(description: string): string {
  if (description.startsWith("file:")) return dirname(fileURLToPath(description));
  const name = description.replace(/\/package\.json$/, "");
  throw new Error(
    `the npm package ${
      name.slice("npm:".length)
    } is not on this machine; fetch it by: deno cache --no-lock ${name}`,
  );
}
