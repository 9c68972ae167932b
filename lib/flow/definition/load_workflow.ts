/** Loads a workflow by name or path: evaluated, overridden, checked and expanded. */
import { basename, resolve } from "node:path";
import { projectFolder } from "../bundle.ts";
import { FlowError } from "../errors.ts";
import type { AnyKind, KindRegistry } from "../kind.ts";
import { nearest } from "../suggest.ts";
import { evaluate, type Evaluation } from "./evaluate.ts";
import { expand } from "./expand.ts";
import type { ExpandedWorkflow } from "./expanded.ts";
import { loadKind } from "./load_kinds.ts";
import { Axes, checkCombinations } from "./matrix.ts";
import { applyOverrides, type OverrideChoice } from "./overrides.ts";
import { Problems } from "./problems.ts";
import { readDefinition } from "./read_definition.ts";
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
  return expandDefinition(await evaluate(file), file, registry, choice);
}

/**
 * Expands an evaluated definition; `file` is its absolute path.
 * @throws WorkflowError, KindError as `loadWorkflow`
 */
export async function expandDefinition(
  { value, modules }: Evaluation,
  file: string,
  registry: KindRegistry,
  { profile, set = [] }: Partial<OverrideChoice> = {},
): Promise<ExpandedWorkflow> {
  const problems = new Problems();
  const read = readDefinition(value, file, problems);
  checkCombinations(new Axes(read.matrix, read.include, read.exclude), problems);
  const kinds = await kindsOf(read.tasks.values(), registry, problems);
  const { workflow, changes } = applyOverrides(read, { profile, set }, kinds, problems);
  const tasks = expand(workflow, kinds, problems, changes.length > 0);
  if (problems.list.length > 0) throw new WorkflowError(file, problems.list);
  return {
    name: workflow.name,
    about: workflow.about,
    file,
    modules,
    tasks,
    overrides: { ...(profile === undefined ? {} : { profile }), set, changes },
  };
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

/** The absolute path of a workflow file; a name without a slash or ending is looked for in `workflows/`. */
export function workflowFile(nameOrPath: string): string {
  const isPath = /[\\/]|\.(ts|js|mts|mjs)$/.test(nameOrPath);
  const folder = resolve(projectFolder, "workflows");
  const file = isPath ? resolve(nameOrPath) : resolve(folder, `${nameOrPath}.ts`);
  const info = statOf(file);
  if (info?.isFile) return file;
  const known = isPath ? [] : namesIn(folder);
  const suggestion = nearest(nameOrPath, known);
  throw new FlowError(
    "no-workflow",
    `there is no workflow ${JSON.stringify(nameOrPath)}: ${file} is ${info ? "no file" : "not there"}` +
      (suggestion ? `; did you mean ${suggestion}?` : known.length > 0 ? `; known: ${known.join(", ")}` : ""),
  );
}

function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].filter(({ name }) => name.endsWith(".ts")).map(({ name }) =>
      basename(name, ".ts")
    ).sort();
  } catch {
    return [];
  }
}
