/** Models outside of the project: they are added to its list before the code of a kind is read, which makes params of it. */

import { pathToFileURL } from "node:url";
import { FlowError } from "../errors.ts";
import { messageOf } from "../failure.ts";
import type { KindRegistry, ModelsDeclaration } from "../kind.ts";
import { own } from "../own.ts";
import type { ExpandedTask } from "./expanded.ts";
import { upstream } from "./task_refs.ts";

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

/** The tasks, in topological order, with the models of one's own that they name, or take from tasks upstream. */
export function withUsedModels(
  tasks: readonly ExpandedTask[],
  { models, ownModels }: KindRegistry,
): readonly ExpandedTask[] {
  if (!models || !ownModels) return tasks;
  const used = new Map<string, readonly string[]>();
  return tasks.map((task) => {
    const named = valueAt(task.params, models.param);
    const names = typeof named === "string" && Object.hasOwn(ownModels, named) ? [named] : [];
    const all = new Set([...names, ...upstream(task).flatMap((id) => used.get(id) ?? [])]);
    used.set(task.id, [...all].sort());
    return all.size === 0 ? task : { ...task, models: used.get(task.id) };
  });
}

function valueAt(params: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>(
    (value, name) =>
      typeof value === "object" && value !== null ? own(value as Record<string, unknown>, name) : undefined,
    params,
  );
}
