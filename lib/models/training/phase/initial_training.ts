/** The initial state of a training: a model for the classes and views of a training set. */

import type { z } from "zod";
import { classesWithout, listed } from "../../../data/data_set.ts";
import type { ViewsIndex } from "../../../data/views/views_file.ts";
import { under } from "../../../nn/parameters.ts";
import { float32 } from "../../../tensor/host_tensor.ts";
import type { SourcedBackbone } from "../../backbone_source.ts";
import { type ModelDescription, modelOf } from "../../model_folder.ts";
import { definitionOf, type warmUpModel } from "../../models.ts";
import { CLASS_WEIGHTS } from "../../prototypes/head.ts";
import { type TrainingState, untrained } from "../state/training_state.ts";

export interface InitialOptions {
  /** The param `model` of the warm-up. */
  readonly model: z.output<typeof warmUpModel>;
  readonly backbone: SourcedBackbone;
  readonly seed: number;
}

/**
 * A model before training. Its loss has the class weights of `views`, the views of the training set.
 *
 * @throws {ViewsMismatchError} if a class has no image, or the model sees images and there are several views of each.
 */
export function initialTraining(
  views: ViewsIndex,
  { model: { name, coefs: _, ...architecture }, backbone, seed }: InitialOptions,
): { state: TrainingState; description: ModelDescription } {
  const { classes, classWeights, width, height, viewsPerImage } = views;
  requireEveryClass(views);
  const { mean, std } = backbone.colors;
  const description = {
    model: name,
    backbone: {
      ...backbone.config,
      layers: [...backbone.config.layers],
      strides: [...backbone.config.strides],
    },
    classes,
    ...architecture,
    width,
    height,
    viewsPerImage,
    colors: { mean: [...mean], std: [...std] },
  } as ModelDescription;
  requireOneView(description, views);
  const state = new Map([
    ...modelOf(description).initialState(seed),
    ...under("backbone", backbone.parameters),
    [CLASS_WEIGHTS, float32([classes.length], classWeights)],
  ]);
  return { state: untrained(state), description };
}

/** A set of views that does not match a model. */
export class ViewsMismatchError extends Error {
  override readonly name = "ViewsMismatchError";
}

/**
 * Checks that every class has an image.
 *
 * @throws {ViewsMismatchError} naming the classes without images.
 */
export function requireEveryClass({ classes, samples }: Pick<ViewsIndex, "classes" | "samples">): void {
  const without = classesWithout(classes, samples);
  if (without.length === 0) return;
  throw new ViewsMismatchError(
    `the training views have no image of ${without.length} of ${classes.length} classes: ${
      listed(without)
    }. ` +
      "Add images, or remove these classes from the data set",
  );
}

/**
 * Describes the classes that have fewer distinct views than prototypes, so that projection makes some
 * prototypes equal; undefined if there are no such classes.
 */
export function describeFewViews(
  { classes, samples }: Pick<ViewsIndex, "classes" | "samples">,
  prototypesPerClass: number,
): string | undefined {
  const views = classes.map(() => 0);
  for (const { label, rows } of samples) views[label] += rows.length;
  const few = classes.filter((_, label) => views[label] < prototypesPerClass);
  if (few.length === 0) return undefined;
  return `${few.length} of ${classes.length} classes have fewer views than prototypes (prototypesPerClass is ` +
    `${prototypesPerClass}, the fewest views ${
      Math.min(...views)
    }), so that projected prototypes will be equal: ` +
    listed(few);
}

/** @throws {ViewsMismatchError} if `views` and the model differ in classes or size. */
export function requireViewsFor(description: ModelDescription, views: ViewsIndex, folder: string): void {
  const { classes, width, height } = description;
  const other = classes.findIndex((name, label) => views.classes[label] !== name);
  if (views.classes.length !== classes.length || other >= 0) {
    throw new ViewsMismatchError(
      `${folder} has ${views.classes.length} classes${
        other >= 0 ? `, number ${other} "${views.classes[other]}"` : ""
      }` +
        `, but the model was made for ${classes.length}${
          other >= 0 ? `, number ${other} "${classes[other]}"` : ""
        }`,
    );
  }
  if (views.width !== width || views.height !== height) {
    throw new ViewsMismatchError(
      `${folder} has views of ${views.width} × ${views.height} pixels, but the model was made for ${width} × ${height}`,
    );
  }
  requireOneView(description, views);
}

/** @throws {ViewsMismatchError} if the model sees images, and there is not one view of each. */
function requireOneView({ model }: ModelDescription, { viewsPerImage }: ViewsIndex): void {
  if (definitionOf(model).sees === "views" || viewsPerImage === 1) return;
  throw new ViewsMismatchError(
    `${model} sees one view of each image, but the views have ${viewsPerImage}: cut them with through: object or ` +
      "through: image",
  );
}
