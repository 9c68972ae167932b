/** The tasks of a workflow with the results that the store keeps, for commands that read several of them together. */

import { FlowError } from "../errors.ts";
import type { InputRef } from "../definition/expanded.ts";
import type { MadeTasks, TaskWithResult } from "../companion.ts";
import { planTasks } from "../plan/plan.ts";
import { StoreError } from "../store/types.ts";
import { commandText } from "./command_text.ts";
import { fetchOutputs } from "./fetched.ts";
import { type CommonOptions, type OpenWorkflow, openWorkflow, type Project } from "./open_workflow.ts";

/** A task, whether or not it has a result. */
export interface KeptTask extends TaskWithResult {
  /** The name in the workflow. */
  readonly task: string;
  /** The values of axes that the member has. */
  readonly member: Readonly<Record<string, string>>;
  readonly outputs: readonly string[];
}

/** All tasks of a workflow; `path` throws not-run where a task has no result. */
export interface KeptTasks extends MadeTasks {
  readonly tasks: readonly KeptTask[];
}

/** Calls `body` with the tasks of a workflow. */
export async function withKeptTasks<Result>(
  project: Project,
  workflowName: string,
  options: CommonOptions,
  body: (tasks: KeptTasks) => Promise<Result>,
): Promise<Result> {
  const opened = await openWorkflow(project, workflowName, [], options);
  try {
    await opened.store.beginUse();
    return await usingKeptTasks(opened, workflowName, options, body);
  } finally {
    opened.store.close();
  }
}

/** As {@link withKeptTasks}, of a workflow that is open. */
export async function usingKeptTasks<Result>(
  { workflow, store, resolver, history, shared }: OpenWorkflow,
  workflowName: string,
  options: CommonOptions,
  body: (tasks: KeptTasks) => Promise<Result>,
): Promise<Result> {
  const planned = await planTasks(workflow.tasks, resolver, history);
  const kept = new Map(planned.map((one) => [one.task.id, one]));
  const folder = store.workFolder("kept");
  const placed = new Map<string, Promise<string>>();
  const place = async (id: string, output: string): Promise<string> => {
    const found = kept.get(id);
    if (found?.state !== "kept") {
      const command = commandText("run", [workflowName, id], options);
      throw new FlowError("not-run", `there is no result of ${id}; run it with: ${command}`);
    }
    await fetchOutputs(shared, id, [found.record.outputs[output]]);
    const artifact = store.artifact(found.record.outputs[output]);
    if (!artifact) {
      throw new StoreError("store-io", `${id}.${output} is damaged; run the workflow again to rebuild it`);
    }
    const path = `${folder}/${placed.size}`;
    await store.materialise(artifact, path);
    return path;
  };
  try {
    return await body({
      workflow: workflow.name,
      tasks: planned.map(({ task, state }): KeptTask => ({
        ...task,
        inputs: Object.fromEntries(
          Object.entries(task.inputs).map(([name, refs]) => [name, [refs].flat().map(keptInput)]),
        ),
        isKept: state === "kept",
      })),
      path(task, output) {
        const name = `${task}.${output}`;
        if (!placed.has(name)) placed.set(name, place(task, output));
        return placed.get(name)!;
      },
    });
  } finally {
    await store.removeFolder(folder);
  }
}

function keptInput(ref: InputRef): TaskWithResult["inputs"][string][number] {
  return "task" in ref ? { task: ref.task, output: ref.output } : { path: ref.path };
}
