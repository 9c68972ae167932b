/** The folder of shared fixtures and data beside the repository, which is not part of it. */

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The path of `../shared`, or undefined where it is absent; tests that read it are ignored then. */
export function sharedFolder(): string | undefined {
  const folder = fileURLToPath(new URL("../../shared", import.meta.url));
  return existsSync(folder) ? folder : undefined;
}
