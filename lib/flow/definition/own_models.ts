/** Models outside of the project: they are added to its list before the code of a kind is read, which makes params of it. */

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { FlowError } from "../errors.ts";
import { messageOf } from "../failure.ts";
import type { KindRegistry, ModelsDeclaration } from "../kind.ts";
import { own } from "../own.ts";
import type { ExpandedTask } from "./expanded.ts";
import { inputRefs, isSource, upstream } from "./task_refs.ts";

/** The kinds, extended by models: files by name. */
export function withOwnModels(
  registry: KindRegistry,
  ownModels: Readonly<Record<string, string>>,
): KindRegistry {
  if (Object.keys(ownModels).length === 0 || !registry.models) return registry;
  const extended: KindRegistry = { ...registry, ownModels };
  const after = <T>(load: () => Promise<T>) => async () => {
    await addOwnModels(extended);
    return await load();
  };
  const all = <T>(loads: Readonly<Record<string, () => Promise<T>>> = {}) =>
    Object.fromEntries(Object.entries(loads).map(([name, load]) => [name, after(load)]));
  const companions = Object.entries(registry.companions ?? {});
  return {
    ...extended,
    kinds: all(registry.kinds),
    demands: all(registry.demands),
    companions: Object.fromEntries(
      companions.map(([kind, one]) => [kind, { ...one, load: after(one.load) }]),
    ),
  };
}

/** By path: a model is added once to a process. */
const added = new Map<string, Promise<void>>();

/**
 * Adds the models of one's own to those of the project.
 *
 * @throws FlowError model with the file and what is wrong with it
 */
export async function addOwnModels({ models, ownModels = {} }: KindRegistry): Promise<void> {
  if (!models) return;
  for (const [name, path] of Object.entries(ownModels)) {
    const adding = added.get(path) ?? addModel(models, name, path);
    added.set(path, adding);
    await adding;
  }
}

async function addModel({ module }: ModelsDeclaration, name: string, path: string): Promise<void> {
  const { addOwnModel } = await import(module.href);
  try {
    addOwnModel(name, (await import(pathToFileURL(path).href)).default);
  } catch (error) {
    throw new FlowError("model", `the model ${path} can't be used: ${messageOf(error)}`);
  }
}

/**
 * The tasks, in topological order, with the models of one's own that they may use: those that they name, those of the
 * folders that they are given, and those of tasks upstream.
 */
export function withUsedModels(
  tasks: readonly ExpandedTask[],
  { models, ownModels }: KindRegistry,
): readonly ExpandedTask[] {
  if (!models || !ownModels) return tasks;
  const used = new Map<string, readonly string[]>();
  return tasks.map((task) => {
    const names = namedBy(task, models, Object.keys(ownModels));
    const all = new Set([...names, ...upstream(task).flatMap((id) => used.get(id) ?? [])]);
    used.set(task.id, [...all].sort());
    return all.size === 0 ? task : { ...task, models: used.get(task.id) };
  });
}

function namedBy(task: ExpandedTask, { param, described }: ModelsDeclaration, known: readonly string[]) {
  // Which of them a result will name is not known before it is there.
  const isOpen = task.values?.some(({ keys }) => `${param}.`.startsWith(`${keys.join(".")}.`));
  if (isOpen) return known;
  const folders = inputRefs(task).flatMap(({ ref }) => isSource(ref) && ref.source === "folder" ? [ref] : []);
  const names = [
    valueAt(task.params, param),
    ...folders.map(({ path }) => valueAt(jsonIn(join(path, described.file)), described.field)),
  ];
  return known.filter((name) => names.includes(name));
}

/** Undefined where there is no such file, or it can't be read: the task that reads it says so. */
function jsonIn(path: string): unknown {
  try {
    return JSON.parse(Deno.readTextFileSync(path));
  } catch {
    return undefined;
  }
}

function valueAt(params: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>(
    (value, name) =>
      typeof value === "object" && value !== null ? own(value as Record<string, unknown>, name) : undefined,
    params,
  );
}
