/** `get`: a copy of an output, as files of the user. */

import { dirname, join } from "node:path";
import { FlowError } from "../errors.ts";
import { own } from "../own.ts";
import { bytes, count } from "../display/format.ts";
import { withGivenMask } from "../store/group.ts";
import { onDisk } from "../store/io.ts";
import { makeFolder, removeAll } from "../store/layout.ts";
import type { Store } from "../store/store.ts";
import type { OutputRef } from "../store/types.ts";
import { nearest } from "../suggest.ts";
import { userPath } from "../user_path.ts";
import { fetchOutputs } from "./fetched.ts";
import { flushedBelow } from "../store/late_refusals.ts";
import { copyFiles } from "./copy_files.ts";
import { note, print } from "../display/terminal.ts";
import { type CommonOptions, kindsOf, type Project } from "./open_workflow.ts";
import { notRun, type OneTask, withTask } from "./one_task.ts";
import { isThere } from "../../system/is_there.ts";

export interface GetOptions extends CommonOptions {
  readonly csv?: boolean;
  readonly tensorboard?: boolean;
}

/** `name` is `task` for all outputs, or `task.output`. */
export function getCommand(
  project: Project,
  workflowName: string,
  name: string,
  folder: string,
  options: GetOptions,
): Promise<number> {
  // The id of a member may have dots in its brackets: joint[lr=0.1].state
  const [, taskName, outputName] = /^(.*?(?:\[.*\])?)(?:\.([^.\]]+))?$/.exec(name)!;
  return withTask(project, workflowName, taskName, { ...options, unsetAsInLastRun: true }, async (task) => {
    const { planned, store, shared } = task;
    if (planned.state !== "kept") throw notRun(task);
    if (options.csv || options.tensorboard) {
      const { writeCurves } = await import("./curves.ts");
      const { curves = {} } = await kindsOf(project, task.workflow.file);
      const { task: { id, kind }, record } = planned;
      await fetchOutputs(shared, id, Object.values(record.outputs));
      const curve = { id, record, declared: own(curves, kind) };
      const format = options.csv ? "csv" : "tensorboard";
      print(onDisk("write curves", () => writeCurves(store, curve, userPath(folder), format)));
      return 0;
    }
    const { outputs } = planned.record;
    if (outputName !== undefined && !own(outputs, outputName)) {
      const known = Object.keys(outputs);
      const near = nearest(outputName, known);
      const help = near ? `did you mean "${near}"?` : `it has: ${known.join(", ")}`;
      throw new FlowError("no-output", `${planned.task.id} has no output "${outputName}"; ${help}`);
    }
    const wanted = Object.entries(outputs).filter(([output]) =>
      outputName === undefined || output === outputName
    );
    await fetchOutputs(shared, planned.task.id, wanted.map(([, reference]) => reference));
    for (const [output, reference] of wanted) {
      const target = join(userPath(folder), output);
      copyOutput(store, reference, target);
      print(`${target}  ${count(reference.files, "file")}, ${bytes(reference.bytes)}`);
      await addCompanion(project, task, output, target);
    }
    return 0;
  });
}

/** Adds to a copied output what its kind wants beside it, made of the results of other tasks. */
async function addCompanion(
  project: Project,
  { planned: { task: { id, kind } }, withAll }: OneTask,
  output: string,
  target: string,
): Promise<void> {
  const { companions = {} } = await project.registry();
  const companion = own(companions, kind);
  if (companion?.output !== output) return;
  const { write } = await companion.load();
  await withAll(async (tasks) => {
    const missing = await write(tasks, id, target);
    onDisk(`write ${target}`, () => flushedBelow(target));
    if (missing !== undefined) note(missing);
  });
}

/** Copies are writable and share nothing with the store. A copy that fails leaves nothing where it was to be. */
function copyOutput(store: Store, reference: OutputRef, target: string): void {
  const artifact = store.artifact(reference);
  if (!artifact) {
    throw new FlowError("store-io", "the output is damaged; run the workflow again to rebuild it");
  }
  const copy = () => {
    refuseExisting(target);
    makeFolder(dirname(target));
    const unfinished = `${target}.${crypto.randomUUID().slice(0, 8)}`;
    try {
      copyFiles(store, artifact, unfinished);
      Deno.renameSync(unfinished, target);
    } catch (error) {
      removeAll(unfinished);
      throw error;
    }
  };
  onDisk(`write a copy of the output to ${target}`, () => withGivenMask(copy));
}

function refuseExisting(target: string): void {
  if (!isThere(target)) return;
  throw new FlowError(
    "exists",
    `${target} is already there; nothing was overwritten: name another folder or remove it`,
  );
}
