/**
 * How photographs become what a model sees: the masks, the views and their place in a photograph, as in the training.
 * Beside `model.json`, which has the colour statistics that normalise views, it is all that a prediction needs:
 *
 *     recipe.json            masks, views and prototypes
 *     masks/<input>          files of the method of segmentation, such as the weights of its network
 *     prototypes/<n>-*.jpg   a training image that shows the prototype, and its view there
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { FIDELITIES } from "../fidelity.ts";
import { readJson } from "../json/read_json.ts";
import { segmentMethod } from "../segment/methods.ts";

const FORMAT = "protoflow recipe 1";
/** The name of the file in the folder of a model. */
export const RECIPE_FILE = "recipe.json";

const share = z.number().min(0).max(1);

/** A prototype that pictures show. */
const shownSchema = z.strictObject({
  prototype: z.int().nonnegative(),
  /** The training image that shows it. */
  name: z.string(),
  /** What the view, or the position of the feature map, takes up of the image. */
  frame: z.strictObject({ left: share, top: share, width: share, height: share }),
});

const recipeSchema = z.strictObject({
  format: z.literal(FORMAT),
  /** The workflow and the task that made the model. */
  workflow: z.string(),
  task: z.string(),
  /** Whether images were rotated by their EXIF orientation. */
  orientation: z.enum(["as-stored", "turn"]),
  /** Absent if the model saw no masks. */
  masks: z.strictObject({
    method: segmentMethod,
    precision: z.enum(["fp32", "tf32"]).optional(),
    /** The inputs of the method: paths in the folder, and if they were downloaded, by which params. */
    files: z.record(
      z.string().regex(/^[\w-]+$/),
      z.strictObject({ downloaded: z.record(z.string(), z.unknown()).optional() }),
    ),
  }).optional(),
  /** The params of the kind `crop-views`. */
  views: z.strictObject({
    through: z.enum(["masks", "object", "image"]),
    numMasks: z.int().positive().optional(),
    width: z.int().positive(),
    height: z.int().positive(),
    fill: z.enum(["original", "zero", "mean"]),
    minBoxShare: share,
    crop: z.boolean(),
    withoutMasks: z.enum(["fail", "leave-out"]).optional(),
    fidelity: z.enum(FIDELITIES),
  }),
  /** How the relevance of a similarity is distributed over channels in explanations. */
  relevance: z.enum(FIDELITIES),
});

/** The content of `recipe.json` without its pictures. */
export type ModelRecipe = Omit<z.output<typeof recipeSchema>, "format">;
/** A prototype that pictures show. */
export type ShownPrototype = z.output<typeof shownSchema>;

const fileSchema = recipeSchema.extend({ prototypes: z.array(shownSchema) });

/** Writes `recipe.json` into the folder of a model. */
export function writeRecipe(
  folder: string,
  recipe: ModelRecipe,
  prototypes: readonly ShownPrototype[],
): void {
  writeFileSync(
    join(folder, RECIPE_FILE),
    `${JSON.stringify({ format: FORMAT, ...recipe, prototypes }, null, 1)}\n`,
  );
}

/**
 * Reads `recipe.json` of the folder of a model.
 *
 * @throws {JsonFileError} if it is missing or malformed.
 */
export function readRecipe(folder: string): { recipe: ModelRecipe; prototypes: ShownPrototype[] } {
  const { format: _, prototypes, ...recipe } = readJson(join(folder, RECIPE_FILE), fileSchema, "a recipe");
  return { recipe, prototypes };
}

/** The recipe that params of tasks make. */
export function checkedRecipe(recipe: { [Field in keyof ModelRecipe]: unknown }): ModelRecipe {
  const { format: _, ...checked } = recipeSchema.parse({ format: FORMAT, ...recipe });
  return checked;
}
