/** Finds the files of an npm package that is used only for its data; its code is not loaded. */

import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The folder of a package in Deno's cache.
 *
 * @param description the result of `import.meta.resolve("npm:NAME@VERSION/package.json")`. The caller
 * contains this call literally, so that the fingerprint of a kind that uses the package includes the
 * package's bytes.
 * @throws {Error} if the package is not on this machine; the message says how to download it.
 */
export function npmPackageFolder(description: string): string {
  if (description.startsWith("file:")) return dirname(fileURLToPath(description));
  const name = description.replace(/\/package\.json$/, "");
  throw new Error(
    `the npm package ${
      name.slice("npm:".length)
    } is not on this machine; to download it: deno cache --no-lock ${name}`,
  );
}
