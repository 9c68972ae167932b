/** `get`: a copy of an output, as files of the user. */

import { dirname, join, resolve } from "node:path";
import { FlowError } from "../errors.ts";
import { bytes, count } from "../display/format.ts";
import { isThere } from "../store/small_files.ts";
import type { Store } from "../store/store.ts";
import type { OutputRef } from "../store/types.ts";
import { nearest } from "../suggest.ts";
import { print } from "./print.ts";
import type { CommonOptions, Project } from "./session.ts";
import { notRun, withTask } from "./one_task.ts";

/** `name` is `task` for all outputs, or `task.output`. */
export function getCommand(
  project: Project,
  workflowName: string,
  name: string,
  folder: string,
  options: CommonOptions,
): Promise<number> {
  // The id of a member may have dots in its brackets: joint[lr=0.1].state
  const [, taskName, outputName] = /^(.*?(?:\[.*\])?)(?:\.([^.\]]+))?$/.exec(name)!;
  return withTask(project, workflowName, taskName, options, (task) => {
    const { planned, store } = task;
    if (planned.state !== "kept") throw notRun(task);
    const { outputs } = planned.record;
    if (outputName !== undefined && !outputs[outputName]) {
      const known = Object.keys(outputs);
      const near = nearest(outputName, known);
      const help = near ? `did you mean "${near}"?` : `it has: ${known.join(", ")}`;
      throw new FlowError("no-output", `${planned.task.id} has no output "${outputName}"; ${help}`);
    }
    const wanted = Object.entries(outputs).filter(([output]) =>
      outputName === undefined || output === outputName
    );
    for (const [output, reference] of wanted) {
      const target = join(resolve(folder), output);
      copyOutput(store, reference, target);
      print(`${target}  ${count(reference.files, "file")}, ${bytes(reference.bytes)}`);
    }
    return 0;
  });
}

/** Copies are writable and share nothing with the store. */
function copyOutput(store: Store, reference: OutputRef, target: string): void {
  const artifact = store.artifact(reference);
  if (!artifact) {
    throw new FlowError("store-io", "the output is damaged; run the workflow again to rebuild it");
  }
  refuseExisting(target);
  if (artifact.entries.length === 0) Deno.mkdirSync(target, { recursive: true });
  for (const entry of artifact.entries) {
    const path = join(target, entry.path);
    Deno.mkdirSync(dirname(path), { recursive: true });
    Deno.copyFileSync(store.blobPath(entry.digest), path);
    Deno.chmodSync(path, entry.executable ? 0o755 : 0o644);
  }
}

function refuseExisting(target: string): void {
  if (!isThere(target)) return;
  throw new FlowError(
    "exists",
    `${target} is already there; nothing was overwritten: name another folder or remove it`,
  );
}
