/** `predict`: classifies photographs by a trained model, in one process for all of them. */

import type { CommonOptions, Project } from "../flow/commands/open_workflow.ts";
import { print, printError, printJson, warn } from "../flow/display/terminal.ts";
import { FlowError } from "../flow/errors.ts";
import { ImageFileError, imageHeader } from "../data/image_files.ts";
import type { PredictingModel } from "../predict/made_model.ts";
import { PhotographError } from "../predict/photograph_views.ts";
import { predictionJson, predictionLines } from "../predict/prediction_text.ts";
import { type PhotographPrediction, Predictor } from "../predict/predictor.ts";
import { DeviceError } from "../runtime/errors.ts";
import { sessionOptions } from "../runtime/session_options.ts";
import { ImageError } from "../vision/image_error.ts";
import type { Box } from "../vision/masks/boxes.ts";
import { MODEL_WITH_RECIPE, withModel } from "./model_reference.ts";
import { type Photograph, photographsAt } from "./photographs.ts";
import { PredictionFiles } from "./prediction_files.ts";

/** The options of `predict`. */
export interface PredictOptions extends CommonOptions {
  readonly page?: string;
  readonly box?: Box;
  readonly turn?: boolean;
}

/** Exit code 1 if a photograph can't be classified; the others are. */
export async function predictCommand(
  project: Project,
  reference: string,
  photos: readonly string[],
  options: PredictOptions,
): Promise<number> {
  const photographs = photographsAt(photos);
  if (options.box && photographs.length > 1) {
    throw new FlowError("usage", `--box is the box of one photograph, but ${photographs.length} are given`);
  }
  return await withModel(project, reference, options, MODEL_WITH_RECIPE, async (model) => {
    const predictor = await opened(model, options);
    if (predictor.needsBox && !options.box) {
      warn(
        "the model was trained with the boxes of objects, which are not known of photographs: the whole photograph is taken " +
          "for the object; crop it to the object, or give its box by --box",
      );
    }
    try {
      return await predictAll(model, predictor, photographs, options);
    } finally {
      model.gallery.close();
      await predictor.release();
    }
  });
}

async function opened(model: PredictingModel, options: PredictOptions): Promise<Predictor> {
  const { device = "cpu", runtime = "ort" } = options;
  try {
    const session = sessionOptions({ device, runtime, resources: { cpu: navigator.hardwareConcurrency } });
    return await Predictor.open(model, session, warn);
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    throw new FlowError("no-model", error.message, { cause: error });
  }
}

async function predictAll(
  model: PredictingModel,
  predictor: Predictor,
  photographs: readonly Photograph[],
  options: PredictOptions,
): Promise<number> {
  let failed = 0;
  const pages = options.page === undefined
    ? undefined
    : new PredictionFiles(model, options.page, photographs.length);
  for (const { path, name } of photographs) {
    let prediction: PhotographPrediction;
    try {
      warnOfOrientation(path, name, model, options);
      prediction = await predictor.predict(path, name, { ...options, maps: pages !== undefined });
    } catch (error) {
      if (![ImageError, ImageFileError, PhotographError].some((kind) => error instanceof kind)) throw error;
      failed++;
      const { message } = error as Error;
      printError(`error: ${name} can't be classified: ${message}\n`);
      await pages?.addProblem(name, message);
      continue;
    }
    if (options.json) printJson(predictionJson(model, path, prediction));
    else print(...predictionLines(model, name, prediction));
    await pages?.add(name, prediction);
  }
  const page = pages?.finish();
  if (page !== undefined && !options.json) print(`open ${page}`);
  return failed > 0 ? 1 : 0;
}

function warnOfOrientation(
  path: string,
  name: string,
  { recipe }: PredictingModel,
  options: PredictOptions,
): void {
  if (options.turn || recipe.orientation === "turn" || imageHeader(path).orientation === 1) return;
  warn(
    `${name} has an EXIF orientation and is read as stored, as the training images were; to rotate it: --turn`,
  );
}
