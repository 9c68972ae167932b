/** Makes models of one's own known to a command, before it reads the modules that describe models. */

import { join } from "node:path";
import { addOwnModels } from "../definition/own_models.ts";
import { settingsFiles } from "../definition/settings_file.ts";
import { workflowFile } from "../definition/workflow_file.ts";
import { kindsOf, type Project } from "./open_workflow.ts";

/** Those that a workflow may name. */
export async function addModelsOfWorkflow(project: Project, workflow: string): Promise<void> {
  await addOwnModels(await kindsOf(project, workflowFile(workflow)));
}

/** Those that a workflow in the folder could name, or else one where the user is. */
export async function addModelsOfFolder(project: Project, folder: string): Promise<void> {
  const places = [folder, Deno.cwd()].map((place) => join(place, "workflow.ts"));
  const place = places.find((place) => settingsFiles(place).length > 0);
  if (place !== undefined) await addOwnModels(await kindsOf(project, place));
}
