/** Where the project is. */
import { resolve } from "node:path";

/** Absolute path of the project: the folder of `deno.json`. */
export const projectFolder: string = resolve(import.meta.dirname!, "../..");

/** Holds the import map. */
export const denoConfig: string = resolve(projectFolder, "deno.json");
