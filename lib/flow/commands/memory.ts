/** What a command remembers of a finished plan for the next one: under which name, and on which code it rests. */

import { isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type FinishedTask, type RecalledPlan, rememberPlan } from "../plan/recall.ts";
import type { CommonOptions, Project, Session } from "./session.ts";
import { DEFAULT_DEVICE } from "./session.ts";

/** All that tells a plan from other plans in the same store. */
export function planName(
  project: Project,
  workflowName: string,
  taskNames: readonly string[],
  { profile, set, device = DEFAULT_DEVICE }: CommonOptions,
): string {
  const from = isAbsolute(workflowName) ? "" : Deno.cwd();
  const { os, arch } = Deno.build;
  const { deno } = Deno.version;
  return JSON.stringify([
    project.folder,
    from,
    workflowName,
    taskNames,
    profile,
    set,
    device,
    os,
    arch,
    deno,
  ]);
}

/** Remembers a plan that came to its end with a result of every task. */
export async function rememberSession(
  project: Project,
  session: Session,
  name: string,
  finished: ReadonlyMap<string, FinishedTask>,
): Promise<void> {
  const { store, workflow, tasks, recalled } = session;
  if (tasks.some(({ id }) => !finished.has(id))) return;
  const code = recalled === undefined ? await codeFiles(project, session) : oldCode(recalled);
  await rememberPlan(store, name, workflow, code, finished, recalled);
}

/** The workflow's modules, the files of its kinds, and the engine itself. */
async function codeFiles(project: Project, { workflow, registry, store, tasks }: Session): Promise<string[]> {
  const { fingerprintKind } = await import("../fingerprint/fingerprint.ts");
  const kinds = [...new Set(tasks.map(({ kind }) => kind))];
  const prints = await Promise.all(kinds.map((kind) => fingerprintKind(kind, registry, store.folder)));
  return [
    ...workflow.modules,
    ...prints.flatMap(({ files }) => files),
    ...modulesBelow(join(project.folder, "lib", "flow")),
    ...modulesIn(fileURLToPath(registry.folder)),
    ...["main.ts", "deno.json", "deno.lock"].map((file) => join(project.folder, file)),
  ];
}

function oldCode({ snapshot }: RecalledPlan): readonly string[] {
  return snapshot.columns.code.paths.all();
}

function modulesBelow(folder: string): string[] {
  const folders = [...Deno.readDirSync(folder)].filter(({ isDirectory }) => isDirectory);
  return [...modulesIn(folder), ...folders.flatMap(({ name }) => modulesBelow(join(folder, name)))];
}

function modulesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].filter(({ name, isFile }) => isFile && /\.[jt]s$/.test(name)).map((
    { name },
  ) => join(folder, name));
}
