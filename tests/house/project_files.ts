/** The project's own source files, parsed. */
import { join } from "node:path";
import { parseSource, type SourceFile } from "./source_file.ts";

/** The project's folder. */
export const PROJECT = join(import.meta.dirname!, "../..");

let parsed: readonly SourceFile[] | undefined;

/** Every TypeScript file of the project. */
export function projectFiles(): readonly SourceFile[] {
  return parsed ??= [
    "main.ts",
    ...["bench", "lib", "tasks", "tests", "workflows"].flatMap(filesBelow).filter((path) =>
      path.endsWith(".ts")
    ),
  ].map((path) => parseSource(path, Deno.readTextFileSync(join(PROJECT, path))));
}

/** The files of the product: neither tests nor benchmarks. */
export function productFiles(): readonly SourceFile[] {
  return projectFiles().filter(({ path }) => !/^(?:tests|bench)\//.test(path));
}

/** Paths of all files below `folder`, relative to the project's folder, sorted. */
export function filesBelow(folder: string): string[] {
  return [...Deno.readDirSync(join(PROJECT, folder))].flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory ? filesBelow(path) : [path];
  }).sort();
}
