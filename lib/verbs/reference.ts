/** The model that a command line names, before anything is read of it: a folder, or a task of a workflow. */

import { userPath } from "../flow/user_path.ts";

/** A model named by its folder, or by workflow, task and place on its axes (`seed=1`). */
export type ModelReference =
  | { readonly folder: string }
  | { readonly workflow: string; readonly task?: string; readonly member?: string };

/** What a command line means by `reference`. */
export function splitReference(reference: string): ModelReference {
  const folder = userPath(reference);
  if (isFolder(folder)) return { folder };
  const [, workflow, task, member] = /^(.*?)(?::([^:[\\/]+))?(?:\[(.*)\])?$/s.exec(reference)!;
  return { workflow, task, member };
}

/** Whether it can be the name of a workflow, or the path of its file. */
export const isName = (workflow: string) => !/[\\/]/.test(workflow) || /\.[mc]?[jt]s$/.test(workflow);

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false; // It is no folder, or none that can be looked at: then it may be the name of a workflow.
  }
}
