/** `best`: the best values of a search, to read or as a module for other workflows. */

import { z } from "zod";
import { type KeptTask, withKeptTasks } from "../flow/commands/kept_tasks.ts";
import type { CommonOptions, Project } from "../flow/commands/open_workflow.ts";
import { writeUserFile } from "../flow/commands/user_files.ts";
import { table } from "../flow/display/table.ts";
import { print, printJson } from "../flow/display/terminal.ts";
import { FlowError } from "../flow/errors.ts";
import { userPath } from "../flow/user_path.ts";
import { readJson } from "../json/read_json.ts";
import { isThere } from "../system/is_there.ts";
import { flattened } from "../tuning/space.ts";
import { valueText } from "../tuning/value_text.ts";

/** The options of `best`. */
export interface BestOptions extends CommonOptions {
  /** A file to write. */
  readonly write?: string;
}

/** What `best-trial` writes. */
const bestFile = z.strictObject({
  trial: z.int().nonnegative(),
  value: z.number(),
  params: z.record(z.string(), z.json()),
});

/** @param task a task of the kind `best-trial`; absent where the workflow has just one */
export async function bestCommand(
  project: Project,
  workflow: string,
  task: string | undefined,
  options: BestOptions,
): Promise<number> {
  return await withKeptTasks(project, workflow, { ...options, unsetAsInLastRun: true }, async (tasks) => {
    const { id } = namedSearch(tasks.tasks, workflow, task);
    const found = readJson(await tasks.path(id, "best"), bestFile, "the best trial of a search");
    const { trial, value, params } = found;
    if (options.write !== undefined) {
      const source = [workflow, ...(task === undefined ? [] : [task])].join(" ");
      const path = userPath(options.write);
      writeModule(path, moduleText(source, found));
      print(`wrote ${path}`);
    } else if (options.json) printJson({ event: "best", workflow: tasks.workflow, task: id, ...found });
    else {
      print(`trial ${trial}: ${valueText(value)}`);
      print(...table(Object.entries(flattened(params)).map(([name, value]) => [name, valueText(value)])));
    }
    return 0;
  });
}

/** @throws FlowError no-search */
function namedSearch(tasks: readonly KeptTask[], workflow: string, name: string | undefined): KeptTask {
  const searches = tasks.filter(({ kind }) => kind === "best-trial");
  const found = name === undefined ? searches : searches.filter(({ id, task }) => [id, task].includes(name));
  if (found.length === 1) return found[0];
  const known = (found.length > 0 ? found : searches).map(({ id }) => `'${id}'`).join(", ");
  throw new FlowError(
    "no-search",
    searches.length === 0
      ? `workflow ${workflow} has no search: expected a task of the kind best-trial (docs/tuning.md)`
      : name === undefined
      ? `workflow ${workflow} has ${searches.length} searches; name one: ${known}`
      : `${name} names ${found.length === 0 ? "no search" : `${found.length} searches`}; name one: ${known}`,
  );
}

/** The text of a module that exports the values as plain data. It depends on the values alone. */
function moduleText(source: string, { trial, value, params }: z.output<typeof bestFile>): string {
  // Names of parameters are identifiers.
  const literal = JSON.stringify(params, null, 2).replaceAll(/^( *)"(\w+)":/gm, "$1$2:");
  return `/** The best values of the search ${source.replaceAll("*/", "")}: trial ${trial} with ${
    valueText(value)
  }. Written by \`deno task best\`. */
export const best = ${literal} as const;
`;
}

/** Nothing is overwritten. */
function writeModule(path: string, text: string): void {
  if (!/\.ts$/.test(path)) {
    throw new FlowError("usage", `${path} can't be imported by a workflow; expected a name that ends in .ts`);
  }
  if (isThere(path)) {
    throw new FlowError(
      "exists",
      `${path} is already there; nothing was overwritten: name another file or remove it`,
    );
  }
  writeUserFile(path, text, { createNew: true });
}
