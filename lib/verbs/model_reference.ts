/** Finds the model that a command line names: a folder that `get` wrote, or a task of a workflow. */

import { join } from "node:path";
import { z } from "zod";
import { type KeptTask, type KeptTasks, withKeptTasks } from "../flow/commands/kept_tasks.ts";
import type { CommonOptions, Project } from "../flow/commands/open_workflow.ts";
import { FlowError } from "../flow/errors.ts";
import { userPath } from "../flow/user_path.ts";
import { JsonFileError, readJson } from "../json/read_json.ts";
import { DESCRIPTION_FILE, type LoadedModel } from "../models/model_folder.ts";
import { BY_NAME } from "../models/model_list.ts";
import { WeightsError } from "../nn/checkpoint/weights_error.ts";
import { ParameterError } from "../nn/parameters.ts";
import {
  loadedModel,
  modelOfFolder,
  modelOfTask,
  type PredictingModel,
  RecipeError,
} from "../predict/made_model.ts";
import { RECIPE_FILE } from "../predict/recipe.ts";
import { isThere } from "../system/is_there.ts";
import { isName, splitReference } from "./reference.ts";

/** What a command reads of a model. */
export interface ModelReading<Model> {
  /** @param folder with `model.json` */
  folder(folder: string): Model | Promise<Model>;
  task(tasks: KeptTasks, id: string): Promise<Model>;
}

/** A model without what photographs need. */
export const MODEL_ALONE: ModelReading<LoadedModel> = {
  folder: loadedModel,
  task: async (tasks, id) => loadedModel(await tasks.path(id, "model")),
};

/** A model with all that photographs need; its gallery is to be closed. */
export const MODEL_WITH_RECIPE: ModelReading<PredictingModel> = {
  folder(folder) {
    if (isThere(join(folder, RECIPE_FILE))) return modelOfFolder(folder);
    throw new FlowError(
      "no-model",
      `${folder} does not say how photographs are segmented and cut: ${RECIPE_FILE} is missing; copy the model again by ` +
        "get, or name its task",
    );
  },
  task: modelOfTask,
};

/** Calls `body` with the model that `reference` names. */
export async function withModel<Model, Result>(
  project: Project,
  reference: string,
  options: CommonOptions,
  reading: ModelReading<Model>,
  body: (model: Model) => Promise<Result>,
): Promise<Result> {
  const split = splitReference(reference);
  if ("folder" in split) {
    const { folder } = split;
    return await body(await readable(() => reading.folder(modelFolder(folder))));
  }
  const { workflow, task, member } = split;
  if (!isName(workflow)) {
    throw new FlowError("no-model", `there is no folder ${userPath(reference)}: expected ${EXPECTED}`);
  }
  return await withKeptTasks(project, workflow, { ...options, unsetAsInLastRun: true }, async (tasks) => {
    const { id } = namedModel(tasks, reference, { workflow, task, member });
    return await body(await readable(() => reading.task(tasks, id)));
  });
}

const EXPECTED = "a folder that get wrote, or a task of a workflow, such as 'birds[seed=4871]'";

/** `get` writes outputs into a folder: the model is in its folder `model`. */
function modelFolder(path: string): string {
  const folder = [path, join(path, "model")].find((folder) => isThere(join(folder, DESCRIPTION_FILE)));
  if (folder === undefined) {
    throw new FlowError(
      "no-model",
      `${path} holds no model: ${DESCRIPTION_FILE} is missing; expected ${EXPECTED}`,
    );
  }
  requireKnown(folder);
  return folder;
}

/** A model of one's own may be elsewhere. */
function requireKnown(folder: string): void {
  const { model } = readJson(join(folder, DESCRIPTION_FILE), z.object({ model: z.string() }), "a model");
  if (BY_NAME.has(model)) return;
  throw new FlowError(
    "no-model",
    `${folder} holds a model "${model}", which is not known: expected ${
      [...BY_NAME.keys()].join(", ")
    }, or a model of ` +
      "a folder that a protoflow.json names, above the folder of the model or the current one",
  );
}

/** A damaged model is the user's to mend. */
async function readable<Model>(read: () => Model | Promise<Model>): Promise<Model> {
  try {
    return await read();
  } catch (error) {
    const known = [JsonFileError, WeightsError, ParameterError, RecipeError];
    if (!known.some((kind) => error instanceof kind)) throw error;
    throw new FlowError("no-model", (error as Error).message, { cause: error });
  }
}

/** The one model that is meant: of the tasks that are evaluated, if any are. */
function namedModel(
  { tasks }: KeptTasks,
  reference: string,
  { workflow, task, member }: { workflow: string; task?: string; member?: string },
): KeptTask {
  const models = tasks.filter(({ outputs }) => outputs.includes("model"));
  const evaluated = new Set(
    tasks.filter(({ kind }) => kind === "evaluate").flatMap(({ inputs }) =>
      (inputs.model ?? []).flatMap((input) => "task" in input ? [input.task] : [])
    ),
  );
  const places = (member ?? "").split(",").filter((place) => place !== "").map((place) => place.split("="));
  const usual = evaluated.size > 0 ? models.filter(({ id }) => evaluated.has(id)) : models;
  const candidates = task === undefined ? usual : models.filter((one) => one.task === task);
  const found = candidates.filter((one) => places.every(([axis, value]) => one.member[axis] === value));
  if (found.length === 1) return found[0];
  const all = found.length > 1 ? found : usual;
  const names = all.slice(0, 8).map(({ id }) => `${workflow}:${id}`);
  const listed = `${names.map((name) => `'${name}'`).join(", ")}${all.length > 8 ? ", …" : ""}`;
  throw new FlowError(
    "no-model",
    all.length === 0
      ? `workflow ${workflow} trains no model: ${reference} must name one that does`
      : `${reference} names ${
        found.length === 0 ? "no model" : `${found.length} models`
      }; name one: ${listed}`,
  );
}
