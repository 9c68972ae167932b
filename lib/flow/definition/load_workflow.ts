/** Loads a workflow by name or path: run, overridden, checked and expanded. */
import type { AnyKind, KindRegistry } from "../kind.ts";
import { type Definition, runDefinition } from "./sandbox.ts";
import { expand } from "./expand.ts";
import type { ExpandedTask, ExpandedWorkflow, ResultRef } from "./expanded.ts";
import { illegalTexts } from "./illegal_text.ts";
import { loadKind } from "./load_kinds.ts";
import { withUsedModels } from "./own_models.ts";
import { Axes, checkCombinations } from "./matrix.ts";
import { applyOverrides, type OverrideChoice } from "./overrides.ts";
import { Problems } from "./problems.ts";
import { type OutputReference, readDefinition } from "./read_definition.ts";
import { workflowFile } from "./workflow_file.ts";
import { WorkflowError } from "./workflow_error.ts";

/**
 * @param nameOrPath the name of a file in `workflows/`, or a path of a file anywhere
 * @throws WorkflowError with every problem of the file and the overrides; FlowError `no-workflow` where there is no such
 *   file; KindError where a kind breaks the rules of kinds
 */
export async function loadWorkflow(
  nameOrPath: string,
  registry: KindRegistry,
  choice: Partial<OverrideChoice> = {},
): Promise<ExpandedWorkflow> {
  const file = workflowFile(nameOrPath);
  return expandDefinition(await runDefinition(file), file, registry, choice);
}

/**
 * Expands the definition of the workflow file at the absolute path `file`.
 * @throws WorkflowError, KindError as `loadWorkflow`
 */
export async function expandDefinition(
  { value, modules }: Definition,
  file: string,
  registry: KindRegistry,
  { profile, set = [] }: Partial<OverrideChoice> = {},
): Promise<ExpandedWorkflow> {
  const problems = new Problems();
  for (const { path, message } of illegalTexts(value)) {
    problems.add({ field: path, message, expected: "Unicode text without it" });
  }
  const read = readDefinition(value, file, problems);
  checkCombinations(new Axes(read.matrix, read.include, read.exclude), problems);
  const kinds = await kindsOf(read.tasks.values(), registry, problems);
  const { workflow, changes } = applyOverrides(read, { profile, set }, kinds, problems);
  const tasks = withUsedModels(expand(workflow, kinds, problems, changes.length > 0), registry);
  if (problems.list.length > 0) throw new WorkflowError(file, problems.list);
  return {
    name: workflow.name,
    about: workflow.about,
    file,
    modules,
    tasks,
    results: resultsOf(workflow.result, tasks),
    open: problems.open,
    overrides: { ...(profile === undefined ? {} : { profile }), set, changes },
  };
}

function resultsOf(result: OutputReference | undefined, tasks: readonly ExpandedTask[]): ResultRef[] {
  if (!result) return [];
  const { task: name, output } = result;
  return tasks.filter(({ task }) => task === name).map(({ id, member }) => ({ task: id, output, member }));
}

async function kindsOf(
  tasks: Iterable<{ name: string; kind: string }>,
  registry: KindRegistry,
  problems: Problems,
): Promise<Map<string, AnyKind>> {
  const known = Object.keys(registry.kinds);
  const used = new Set<string>();
  for (const { name, kind } of tasks) {
    if (known.includes(kind)) used.add(kind);
    else if (kind !== "") problems.unknown("kind", kind, known, { task: name, field: "kind" });
  }
  return new Map(
    await Promise.all([...used].map(async (name) => [name, await loadKind(name, registry)] as const)),
  );
}
