/** The text of a small model that works outside of the project, for a user to begin with. */

import { posix } from "node:path";

const EXAMPLE = new URL("./small_model.ts", import.meta.url);

/** Modules of `lib` are imported from the names that they have outside of the project. */
export function newModelText(name: string): string {
  return Deno.readTextFileSync(EXAMPLE)
    .replace(/which `new model` writes: /, "")
    .replaceAll(/from "(\.[^"]+)"/g, (_, path) => `from "protoflow/${posix.join("models", path)}"`)
    .replace('name: "small"', `name: "${name}"`);
}
