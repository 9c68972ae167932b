/** A trained model with its recipe, found among the tasks that made it. */

import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type LoadedModel, readModel } from "../models/model_folder.ts";
import { definitionOf } from "../models/models.ts";
import { extraTensors, stateInputs } from "../models/training/step/batch_programs.ts";
import { seenShape } from "../models/training/phase/view_batches.ts";
import { input } from "../tensor/ops/source.ts";
import { EMPTY_GALLERY, type Gallery, galleryOfFolder, galleryOfViews, writeGallery } from "./gallery.ts";
import { checkedRecipe, type ModelRecipe, readRecipe, writeRecipe } from "./recipe.ts";

/** A task, as far as a recipe depends on it. */
export interface MadeTask {
  readonly id: string;
  readonly kind: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<
    Record<
      string,
      readonly ({ readonly task: string; readonly output: string } | { readonly path: string })[]
    >
  >;
  readonly isKept: boolean;
}

/** The tasks of a workflow and the files of their outputs. */
export interface Making {
  readonly workflow: string;
  readonly tasks: readonly MadeTask[];
  path(task: string, output: string): Promise<string>;
}

/** A model with all that predictions need. */
export interface PredictingModel {
  readonly loaded: LoadedModel;
  readonly recipe: ModelRecipe;
  /** The paths of the files of the method of segmentation, by input. */
  readonly maskFiles: Readonly<Record<string, string>>;
  readonly gallery: Gallery;
}

/** A model of which it is not known how its views are made. */
export class RecipeError extends Error {
  override readonly name = "RecipeError";
}

/**
 * The model of a folder that {@link writeMadeModel} completed.
 *
 * @throws {JsonFileError | WeightsError | ParameterError} if a file is missing or damaged.
 */
export function modelOfFolder(folder: string): PredictingModel {
  const { recipe, prototypes } = readRecipe(folder);
  return {
    loaded: loadedModel(folder),
    recipe,
    maskFiles: Object.fromEntries(
      Object.keys(recipe.masks?.files ?? {}).map((name) => [name, join(folder, "masks", name)]),
    ),
    gallery: galleryOfFolder(folder, prototypes),
  };
}

/** The model of a folder. The reference's noise in ProtoPool's predictions is left out: an image has one answer. */
export function loadedModel(folder: string): LoadedModel {
  return readModel(folder, { fidelity: { evaluation_noise: "intended" } });
}

/**
 * The model that a task made.
 *
 * @param id the task; its output `model` is the model
 * @throws {RecipeError} if its views were not made by the kinds `segment` and `crop-views`.
 */
export async function modelOfTask(making: Making, id: string): Promise<PredictingModel> {
  const loaded = loadedModel(await making.path(id, "model"));
  const find = (task: MadeTask | undefined, input: string) => taskBehind(making, task, input);
  const model = making.tasks.find((task) => task.id === id)!;
  const views = find(model, "views");
  if (views?.kind !== "crop-views") {
    throw new RecipeError(
      `it is not known how the views of ${id} are made: predict needs a model whose views are an output of the kind crop-views`,
    );
  }
  const data = find(views, "data");
  const masks = views.params.through === "masks" ? find(views, "masks") : undefined;
  if (views.params.through === "masks" && masks?.kind !== "segment") {
    throw new RecipeError(
      `it is not known how the masks of ${id} are made: predict needs masks that are an output of the kind segment`,
    );
  }
  const missing = masks && annotationsOf(masks.params.method as Parameters<typeof annotationsOf>[0]);
  if (missing !== undefined) {
    throw new RecipeError(
      `${id} was trained with masks from ${missing}, which a photograph does not have: predict can't use it`,
    );
  }
  const { split: _, ...viewParams } = views.params;
  const files = masks
    ? Object.entries(masks.inputs).filter(([name]) => !["data", "embeddings"].includes(name))
    : [];
  const explained = making.tasks.find((task) => task.kind === "prp" && task.inputs.model?.some(isOf(id)));
  const recipe = checkedRecipe(
    {
      workflow: making.workflow,
      task: id,
      orientation: data?.params.orientation ?? "as-stored",
      ...(masks && {
        masks: {
          method: masks.params.method,
          ...(masks.params.precision !== undefined && { precision: masks.params.precision }),
          files: Object.fromEntries(files.map(([name]) => {
            const from = find(masks, name);
            return [name, from?.kind === "download" ? { downloaded: from.params } : {}];
          })),
        },
      }),
      views: viewParams,
      relevance: (explained?.params.fidelity as { pairwise_similarity?: unknown })?.pairwise_similarity ??
        "reference",
    } as { [Field in keyof ModelRecipe]: unknown },
  );
  const maskFiles = Object.fromEntries(
    await Promise.all(files.map(async ([name]) => [name, await pathOf(making, masks!, name)])),
  );
  return { loaded, recipe, maskFiles, gallery: await galleryOfTask(making, model, views, loaded) };
}

/** What masks by a method are taken from, if that is no part of a photograph. */
function annotationsOf({ name, of }: { readonly name: string; readonly of?: string }): string | undefined {
  if (name === "files") return "files with the masks of each image";
  return name === "annotated" && of !== "boxes" ? `the annotated ${of} of each image` : undefined;
}

/** Completes the folder of a model with its recipe, the files of its masks and the pictures of its prototypes. */
export async function writeMadeModel(
  { recipe, maskFiles, gallery }: PredictingModel,
  folder: string,
): Promise<void> {
  for (const [name, path] of Object.entries(maskFiles)) {
    mkdirSync(join(folder, "masks"), { recursive: true });
    copyFileSync(path, join(folder, "masks", name));
  }
  await writeGallery(folder, gallery);
  writeRecipe(folder, recipe, gallery.shown);
}

/** The pictures of prototypes: empty where no result lists which training images show them. */
async function galleryOfTask(
  making: Making,
  model: MadeTask,
  views: MadeTask,
  loaded: LoadedModel,
): Promise<Gallery> {
  // A pruned model lists its own prototypes; fine-tuning keeps those of the task before it.
  const source = model.kind === "prune" ? model : taskBehind(making, model, "state");
  const list = source?.kind === "project" || source?.kind === "prune"
    ? source
    : making.tasks.find(({ kind, inputs, isKept }) =>
      isKept && kind === "prototype-images" && inputs.model?.some(isOf(model.id))
    );
  if (!list) return EMPTY_GALLERY;
  const explained = making.tasks.find(({ kind, inputs, isKept }) =>
    isKept && kind === "prp" && inputs.model?.some(isOf(model.id)) && inputs.sources?.some(isOf(list.id))
  );
  return galleryOfViews({
    prototypes: await making.path(list.id, "prototypes"),
    data: await pathOf(making, views, "data"),
    views: await pathOf(making, model, "views"),
    ...(explained && { saliency: await making.path(explained.id, "saliency") }),
    grid: gridOfModel(loaded),
  });
}

/** The rows and columns of the map of similarity; for views, their number and 1. */
function gridOfModel({ description, model }: LoadedModel): [rows: number, columns: number] {
  const { width, height, viewsPerImage } = description;
  const shape = seenShape(definitionOf(description.model).sees, 1, { views: viewsPerImage, width, height });
  const context = { state: stateInputs(model), training: false, updated: new Map() };
  const [, , rows, columns] =
    model.explain(input("x", "float32", shape), context, extraTensors(model)).maps.shape;
  return [rows, columns];
}

const isOf = (id: string) => (ref: MadeTask["inputs"][string][number]) => "task" in ref && ref.task === id;

/** The task that made an input; undefined where it was given by no task. */
function taskBehind({ tasks }: Making, task: MadeTask | undefined, input: string): MadeTask | undefined {
  const ref = task?.inputs[input]?.[0];
  return ref && "task" in ref ? tasks.find(({ id }) => id === ref.task) : undefined;
}

async function pathOf(making: Making, task: MadeTask, input: string): Promise<string> {
  const ref = task.inputs[input][0];
  return "task" in ref ? await making.path(ref.task, ref.output) : ref.path;
}
