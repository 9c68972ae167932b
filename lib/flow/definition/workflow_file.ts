/** Finds the file of a workflow by name or path; loads nothing else, since a run that has nothing to do begins here. */
import { basename, dirname, resolve } from "node:path";
import { FlowError } from "../errors.ts";
import { moduleFiles } from "../module_files.ts";
import { projectFolder } from "../project_folder.ts";
import { nearest } from "../suggest.ts";
import { userPath } from "../user_path.ts";
import { isMissing } from "../../system/is_there.ts";

/** The absolute path of a workflow file; a name without a slash or ending is looked for in `workflows/`. */
export function workflowFile(nameOrPath: string): string {
  const isPath = /[\\/]|\.(ts|js|mts|mjs)$/.test(nameOrPath);
  const folder = resolve(projectFolder, "workflows");
  const file = isPath ? userPath(nameOrPath) : resolve(folder, `${nameOrPath}.ts`);
  const info = statOf(file);
  if (info?.isFile) return file;
  const known = isPath ? [] : namesIn(folder);
  const suggestion = isPath
    ? nearestFile(file, nameOrPath)
    : fileHere(nameOrPath) ?? nearest(nameOrPath, known);
  throw new FlowError(
    "no-workflow",
    `there is no workflow ${JSON.stringify(nameOrPath)}: ${file} is ${info ? "no file" : "not there"}` +
      (suggestion ? `; did you mean ${suggestion}?` : known.length > 0 ? `; known: ${known.join(", ")}` : ""),
  );
}

function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** A workflow of that name where the user is. */
function fileHere(name: string): string | undefined {
  return statOf(`${name}.ts`)?.isFile ? `./${name}.ts` : undefined;
}

/** `given` with the name of the nearest module in its folder, which may lack only its ending. */
function nearestFile(file: string, given: string): string | undefined {
  const name = basename(file).replace(/\.[jt]s$/, "");
  const near = nearest(name, namesIn(dirname(file)).filter((other) => other !== name));
  return near && `${given.slice(0, given.length - basename(file).length)}${near}.ts`;
}

function namesIn(folder: string): string[] {
  try {
    return moduleFiles(folder).map((path) => basename(path, ".ts"));
  } catch {
    return []; // Names are only suggested.
  }
}
