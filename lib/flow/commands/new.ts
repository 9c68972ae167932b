/** `new`: writes a small workflow that can be run at once, or a kind or model with the settings that lead to it. */

import { dirname, join } from "node:path";
import { isThere } from "../../system/is_there.ts";
import { addOwnModels } from "../definition/own_models.ts";
import { readSettings, SETTINGS_FILE, settingsFiles, withFolder } from "../definition/settings_file.ts";
import { print } from "../display/terminal.ts";
import { FlowError } from "../errors.ts";
import { onDisk } from "../store/io.ts";
import { makeFolder } from "../store/layout.ts";
import { writeWhole } from "../store/plain_file.ts";
import { replaceFile } from "../store/replace_file.ts";
import { type CommonOptions, kindsOf, type Project } from "./open_workflow.ts";
import { kindText, workflowText } from "./new_texts.ts";

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

const KINDS_OF_FILES = ["workflow", "kind", "model"];

export async function newCommand(
  project: Project,
  what: string,
  name: string,
  _options: CommonOptions,
): Promise<number> {
  if (!KINDS_OF_FILES.includes(what)) {
    throw new FlowError(
      "usage",
      `"${what}" can't be made; expected ${KINDS_OF_FILES.join(", ")}, as in: deno task new kind ${name}`,
    );
  }
  if (!NAME.test(name)) {
    throw new FlowError(
      "usage",
      `"${name}" is no name; expected small letters, digits and hyphens, such as count-lines`,
    );
  }
  const folder = Deno.cwd();
  if (what === "workflow") return newWorkflow(project, folder, name);
  return what === "kind" ? await newKind(project, folder, name) : await newModel(project, folder, name);
}

function newWorkflow(project: Project, folder: string, name: string): number {
  const isProject = folder === project.folder;
  write(join(folder, isProject ? "workflows" : "", `${name}.ts`), workflowText(name));
  print(`run it: deno task run ${isProject ? name : `./${name}.ts`}`);
  return 0;
}

async function newKind(project: Project, folder: string, name: string): Promise<number> {
  const { kinds } = await kindsOf(project, join(folder, "workflow.ts"));
  if (Object.hasOwn(kinds, name)) throw taken("kind", name);
  writeModule(folder, "kinds", name, kindText(name));
  print(
    `name it in a workflow: { kind: "${name}", params: { minimum: 1 }, inputs: { text: file("words.txt") } }`,
  );
  return 0;
}

async function newModel(project: Project, folder: string, name: string): Promise<number> {
  const registry = await kindsOf(project, join(folder, "workflow.ts"));
  await addOwnModels(registry);
  const { models } = await project.catalogue();
  if (models.some((one) => one.name === name)) throw taken("model", name);
  writeModule(folder, "models", name, (await project.newModel())(name));
  print(`name it in a workflow, where a task trains it: params: { model: ownModel({ name: "${name}" }), … }`);
  return 0;
}

function taken(what: string, name: string): FlowError {
  const help = `choose another name (deno task list ${what}s)`;
  return new FlowError("usage", `there is a ${what} "${name}" already; ${help}`);
}

/** Into the first folder of the field that the settings name; both are made where there are none. */
function writeModule(folder: string, field: "kinds" | "models", name: string, text: string): void {
  const [settings = join(folder, SETTINGS_FILE)] = settingsFiles(join(folder, "workflow.ts"));
  const isMade = !isThere(settings);
  const named = isMade ? undefined : readSettings(settings)[field][0];
  write(join(named ?? join(dirname(settings), field), `${name.replaceAll("-", "_")}.ts`), text);
  if (named !== undefined) return;
  onDisk("write", () => {
    const old = isMade ? undefined : Deno.readTextFileSync(settings);
    replaceFile(settings, withFolder(old, field, `./${field}`));
  });
  print(isMade ? `wrote ${settings}` : `${settings}: ${field} names the folder ${field} now`);
}

/** @throws FlowError exists */
function write(path: string, text: string): void {
  if (isThere(path)) {
    throw new FlowError("exists", `${path} is already there; nothing was overwritten: choose another name`);
  }
  onDisk("write", () => {
    makeFolder(dirname(path));
    writeWhole(path, text, { createNew: true });
  });
  print(`wrote ${path}`);
}
