/** `new`: writes a small workflow, or a kind with what names it, that can be run at once. */

import { dirname, join, relative } from "node:path";
import { isThere } from "../../system/is_there.ts";
import { readSettings, SETTINGS_FILE, settingsFiles } from "../definition/settings_file.ts";
import { print } from "../display/terminal.ts";
import { FlowError } from "../errors.ts";
import { onDisk } from "../store/io.ts";
import { makeFolder } from "../store/layout.ts";
import { type CommonOptions, kindsOf, type Project } from "./open_workflow.ts";
import { kindText, workflowText } from "./new_texts.ts";

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

export async function newCommand(
  project: Project,
  what: string,
  name: string,
  _options: CommonOptions,
): Promise<number> {
  if (what !== "workflow" && what !== "kind") {
    throw new FlowError(
      "usage",
      `"${what}" can't be made; expected workflow or kind, as in: deno task new kind ${name}`,
    );
  }
  if (!NAME.test(name)) {
    throw new FlowError(
      "usage",
      `"${name}" is no name; expected small letters, digits and hyphens, such as count-lines`,
    );
  }
  const folder = Deno.cwd();
  return what === "workflow" ? newWorkflow(project, folder, name) : await newKind(project, folder, name);
}

function newWorkflow(project: Project, folder: string, name: string): number {
  const isProject = folder === project.folder;
  write(join(folder, isProject ? "workflows" : "", `${name}.ts`), workflowText(name));
  print(`run it: deno task run ${isProject ? name : `./${name}.ts`}`);
  return 0;
}

/** The kind is written to the first folder of kinds that the settings name, which are made where there are none. */
async function newKind(project: Project, folder: string, name: string): Promise<number> {
  const workflow = join(folder, "workflow.ts");
  const { kinds } = await kindsOf(project, workflow);
  if (Object.hasOwn(kinds, name)) {
    throw new FlowError(
      "usage",
      `there is a kind "${name}" already; choose another name (deno task list kinds)`,
    );
  }
  const [settings] = settingsFiles(workflow);
  const named = settings === undefined ? undefined : readSettings(settings).kinds[0];
  if (settings !== undefined && named === undefined) {
    throw new FlowError("settings", `${settings}: it names no folder of kinds; add { "kinds": ["./kinds"] }`);
  }
  const target = named ?? join(folder, "kinds");
  write(join(target, `${name.replaceAll("-", "_")}.ts`), kindText(name));
  if (settings === undefined) {
    write(
      join(folder, SETTINGS_FILE),
      `${JSON.stringify({ kinds: [`./${relative(folder, target)}`] }, null, 2)}\n`,
    );
  }
  print(
    `name it in a workflow: { kind: "${name}", params: { minimum: 1 }, inputs: { text: file("words.txt") } }`,
  );
  return 0;
}

/** @throws FlowError exists */
function write(path: string, text: string): void {
  if (isThere(path)) {
    throw new FlowError("exists", `${path} is already there; nothing was overwritten: choose another name`);
  }
  onDisk("write", () => {
    makeFolder(dirname(path));
    Deno.writeTextFileSync(path, text, { createNew: true });
  });
  print(`wrote ${path}`);
}
