/** `list`: the workflows and kinds that there are, and what params name; of one of them, what it takes and gives. */

import { basename, join } from "node:path";
import type { z } from "zod";
import { isThere } from "../../system/is_there.ts";
import { loadKind } from "../definition/load_kinds.ts";
import { addOwnModels } from "../definition/own_models.ts";
import { paramRows } from "../definition/param_rows.ts";
import { table } from "../display/table.ts";
import { print, printJson } from "../display/terminal.ts";
import { FlowError } from "../errors.ts";
import type { AnyKind, InputDeclaration, KindRegistry } from "../kind.ts";
import { moduleFiles } from "../module_files.ts";
import { nearest } from "../suggest.ts";
import { type CommonOptions, kindsOf, type Project } from "./open_workflow.ts";

interface Listed {
  readonly section: string;
  readonly name: string;
  readonly about: string;
  readonly params?: z.ZodType;
  readonly kind?: AnyKind;
}

export async function listCommand(
  project: Project,
  name: string | undefined,
  options: CommonOptions,
): Promise<number> {
  const all = await everything(project);
  const sections = [...new Set(all.map(({ section }) => section))];
  const chosen = name === undefined || sections.includes(name)
    ? all.filter(({ section }) => name === undefined || section === name)
    : all.filter((one) => one.name === name);
  if (chosen.length === 0) throw unknown(name!, [...sections, ...all.map((one) => one.name)]);
  if (options.json) printJson(...chosen.map(objectOf));
  else if (name === undefined || sections.includes(name)) {
    for (const section of new Set(chosen.map(({ section }) => section))) {
      const rows = chosen.filter((one) => one.section === section).map((one) => [`  ${one.name}`, one.about]);
      print(section, ...table(rows));
    }
  } else for (const one of chosen) print(...describe(one));
  return 0;
}

function unknown(name: string, known: readonly string[]): FlowError {
  const near = nearest(name, known);
  const help = near ? `did you mean "${near}"?` : "deno task list shows all that there is";
  return new FlowError("usage", `there is nothing called "${name}"; ${help}`);
}

async function everything(project: Project): Promise<Listed[]> {
  // As a workflow in the current folder would find them.
  const registry = await kindsOf(project, join(Deno.cwd(), "workflow.ts"));
  await addOwnModels(registry);
  const catalogue = await project.catalogue();
  return [
    ...workflowsIn(join(project.folder, "workflows")),
    ...await kindsIn(registry),
    ...Object.entries(catalogue).flatMap(([section, entries]) =>
      entries.map((entry) => ({ section, ...entry }))
    ),
  ];
}

function workflowsIn(folder: string): Listed[] {
  if (!isThere(folder)) return [];
  return moduleFiles(folder)
    .map((path) => ({ path, text: Deno.readTextFileSync(path) }))
    .filter(({ text }) => text.includes("export default"))
    .map(({ path, text }) => ({ section: "workflows", name: basename(path, ".ts"), about: titleOf(text) }));
}

/** The first sentence of the comment with which a file begins. */
function titleOf(text: string): string {
  const comment = /^\s*\/\*\*([^]*?)\*\//.exec(text)?.[1] ?? /^\s*\/\/(.*)/.exec(text)?.[1] ?? "";
  return comment.replaceAll(/\s*\n\s*\*?\s*/g, " ").trim().split(/(?<=[.:]) /)[0].replace(/[.:]$/, "");
}

async function kindsIn(registry: KindRegistry): Promise<Listed[]> {
  return await Promise.all(
    Object.keys(registry.kinds).sort().map(async (name) => {
      const kind = await loadKind(name, registry);
      return { section: "kinds", name, about: kind.about, params: kind.params, kind };
    }),
  );
}

function describe({ section, name, about, params, kind }: Listed): string[] {
  const rows = params ? paramRows(params) : [];
  return [
    `${name}: ${about}`,
    ...(section === "workflows" ? [`deno task plan ${name} shows its tasks`] : []),
    ...titled("params", rows.map(({ name, type, fallback }) => [name, type, fallback])),
    ...(kind ? titled("inputs", inputRows(kind)) : []),
    ...(kind
      ? [`outputs: ${kind.outputs === "declared" ? "as its task declares them" : kind.outputs.join(", ")}`]
      : []),
  ];
}

function titled(title: string, rows: readonly (readonly string[])[]): string[] {
  return rows.length === 0
    ? []
    : [`${title}:`, ...table(rows.map(([first, ...rest]) => [`  ${first}`, ...rest]))];
}

function inputRows({ inputs }: AnyKind): string[][] {
  if (inputs === "any") return [["any", "named by its task"]];
  if (typeof inputs === "function") return [["they follow from the params", ""]];
  return Object.entries(inputs as Record<string, InputDeclaration>).map((
    [name, { about, many, optional }],
  ) => [
    name,
    [about, ...(many ? ["a list"] : []), ...(optional ? ["optional"] : [])].join("; "),
  ]);
}

function objectOf({ section, name, about, params, kind }: Listed): object {
  return {
    event: "listed",
    section,
    name,
    about,
    params: params && paramRows(params),
    inputs: kind && typeof kind.inputs === "object" ? kind.inputs : undefined,
    outputs: kind?.outputs,
  };
}
