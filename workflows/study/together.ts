/**
 * Several rows as one workflow. Its tasks are those of the rows' own workflows, with the same params and inputs,
 * so any row shares its results; a task that rows have in common is there once.
 */
import type { TaskDefinition, WorkflowDefinition } from "protoflow";

/** A row's workflow, and the names that its tasks get. */
export interface Part {
  readonly row: string;
  readonly workflow: WorkflowDefinition;
  /** The new name of a task; the same for tasks that rows have in common, and for no others. */
  readonly rename: (task: string) => string;
}

type Inputs = NonNullable<TaskDefinition["inputs"]>;

const REPORT = "report";

/** The rows as one workflow with one report, on the axes of the first row. `title` is that of the report. */
export function together(
  { name, about, title }: { readonly name: string; readonly about: string; readonly title: string },
  parts: readonly Part[],
): WorkflowDefinition {
  const tasks: Record<string, TaskDefinition> = {};
  for (const part of parts) {
    for (const [own, task] of Object.entries(part.workflow.tasks)) {
      if (own === REPORT) continue;
      add(tasks, part.rename(own), { ...task, ...(task.inputs && { inputs: renamed(task.inputs, part) }) });
    }
  }
  const profiles = Object.keys(parts[0].workflow.profiles ?? {});
  return {
    name,
    about,
    matrix: parts[0].workflow.matrix,
    tasks: { ...tasks, [REPORT]: reportOf(title, parts) },
    result: `${REPORT}.page`,
    profiles: Object.fromEntries(profiles.map((profile) => [profile, profileOf(profile, parts)])),
  };
}

/** @throws {Error} if different tasks have one name. */
function add<Value>(named: Record<string, Value>, name: string, value: Value): void {
  if (Object.hasOwn(named, name) && JSON.stringify(named[name]) !== JSON.stringify(value)) {
    throw new Error(`two rows have different tasks of the name ${name}`);
  }
  named[name] = value;
}

function profileOf(profile: string, parts: readonly Part[]) {
  const overlay: Record<string, Readonly<Record<string, unknown>>> = {};
  for (const { workflow, rename } of parts) {
    for (const [task, params] of Object.entries(workflow.profiles?.[profile] ?? {})) {
      add(overlay, task === "matrix" ? task : rename(task), params);
    }
  }
  return overlay;
}

function renamed(inputs: Inputs, part: Part): Inputs {
  return Object.fromEntries(
    Object.entries(inputs).map(([input, given]) => [
      input,
      Array.isArray(given) ? given.map((one) => reference(one, part)) : reference(given, part),
    ]),
  ) as Inputs;
}

function reference(given: unknown, { rename }: Part): unknown {
  if (typeof given === "string") {
    const [task, ...output] = given.split(".");
    return [rename(task), ...output].join(".");
  }
  const each = given as { $each?: string };
  return each.$each === undefined ? given : { ...each, $each: reference(each.$each, { rename } as Part) };
}

/** One report over the inputs of all rows' reports: for each input a list, and the names of its rows and of their models. */
function reportOf(title: string, parts: readonly Part[]): TaskDefinition {
  const inputs: Record<string, unknown[]> = {};
  const rows: Record<string, string[]> = {};
  const titles: Record<string, unknown> = {};
  for (const part of parts) {
    const report = part.workflow.tasks[REPORT];
    titles[part.row] = report.params?.model ?? part.row;
    const given = renamed(report.inputs ?? {}, part);
    for (const [input, references] of Object.entries(given)) {
      for (const one of [references].flat()) {
        (inputs[input] ??= []).push(one);
        (rows[input] ??= []).push(part.row);
      }
    }
  }
  return { kind: "report", params: { title, rows, titles }, inputs: inputs as Inputs };
}
