/** Birds of three classes, their views, a model that was not trained and its saliency: the inputs of an evaluation. */

import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { SPECS_FILE, writeBirds } from "../../lib/data/birds/write_birds.ts";
import { readCub200 } from "../../lib/data/cub200.ts";
import { type Sample, samplesOf } from "../../lib/data/data_set.ts";
import { writeDataSet } from "../../lib/data/data_set_index.ts";
import { readViewsIndex, type ViewedSample, viewPixelsOf } from "../../lib/data/views/views_file.ts";
import { writeViews } from "../data/views/write_views.ts";
import { normalizedRows } from "../../lib/explain/explained_images.ts";
import { explanationHead, relevanceOfImage, topPrototypes } from "../../lib/explain/image_saliency.ts";
import { explainedModel, frameOf } from "../../lib/explain/explained_model.ts";
import { Explainer } from "../../lib/explain/explainer.ts";
import { encodeSaliency, writeSaliencyIndex } from "../../lib/explain/saliency_files.ts";
import { evaluationPreset } from "../../lib/evaluate/evaluation_fidelity.ts";
import { modelOf, readModel, writeModel } from "../../lib/models/model_folder.ts";
import {
  evaluateModel,
  type EvaluationInputs,
  type EvaluationOptions,
  STUDY_TECHNIQUES,
} from "../../lib/evaluate/evaluate_model.ts";
import type { ModelName } from "../../lib/models/models.ts";
import type { Evaluation } from "../../lib/evaluate/evaluation_file.ts";
import { decodeImage } from "../../lib/vision/decode.ts";
import type { HostTensor } from "../../lib/tensor/host_tensor.ts";
import { IMAGENET } from "../../lib/vision/normalize.ts";
import type { Rectangle } from "../../lib/vision/rectangle.ts";
import { cropResizeLinear } from "../../lib/vision/resize/opencv.ts";
import { describeDrawn } from "../explain/drawn_views.ts";

export const K = 3;
const IMAGE = 64;
const VIEW = 32;

/** How the birds are drawn. */
export const TINY_BIRDS = { seed: 3, classes: 3, trainPerClass: 1, testPerClass: 2, size: IMAGE };

/** The whole image, its left and its lower half. */
const WHOLE = { left: 0, top: 0, width: IMAGE, height: IMAGE };
const RECTANGLES = [
  WHOLE,
  { left: 0, top: 0, width: IMAGE / 2, height: IMAGE },
  { left: 0, top: IMAGE / 2, width: IMAGE, height: IMAGE / 2 },
];

/** The only view of models that see one: a part of the image that some parts of birds lie outside of. */
export const CROP: Rectangle = { left: 8, top: 20, width: 40, height: 36 };

export interface TinyBirdsOptions {
  /** Default: the model that sees several views. */
  readonly model?: ModelName;
  /** Whether a single view shows the whole image instead of {@link CROP}. */
  readonly whole?: boolean;
  /** Changes the model before it is stored. */
  readonly change?: (state: Map<string, HostTensor>) => void;
  /** Which test samples there are views of. */
  readonly keep?: (sample: Sample) => boolean;
  /** How many of them are explained. */
  readonly explained?: number;
}

/** Writes the folders below `root`. */
export async function writeTinyBirds(
  root: string,
  options: TinyBirdsOptions = {},
): Promise<EvaluationInputs> {
  const at = (name: string) => join(root, name);
  const inputs = { data: at("data"), views: at("views"), model: at("model"), saliency: at("saliency") };
  for (const folder of Object.values(inputs)) mkdirSync(folder);
  writeBirds(at("drawn"), TINY_BIRDS);
  const dataSet = readCub200(at("drawn"));
  writeDataSet(inputs.data, "birds", dataSet);
  copyFileSync(join(at("drawn"), SPECS_FILE), join(inputs.data, SPECS_FILE));
  const samples = samplesOf(dataSet, "test").filter(options.keep ?? (() => true));
  const description = describeDrawn(options.model, dataSet.classes);
  const single = options.whole ? WHOLE : CROP;
  const rectangles = description.viewsPerImage === 1 ? [single] : RECTANGLES;
  await writeViewsOf(inputs.views, samples, dataSet.classes, rectangles);
  const state = modelOf(description).initialState(5);
  options.change?.(state);
  writeModel(inputs.model, description, state);
  await writeSaliencyOf(inputs, options.explained ?? samples.length);
  return inputs;
}

async function writeViewsOf(
  folder: string,
  samples: readonly Sample[],
  classes: readonly string[],
  rectangles: readonly Rectangle[],
) {
  const rows = rectangles.map((rectangle, mask) => {
    const { left, top, width, height } = rectangle;
    const box: [number, number, number, number] = [left, top, left + width - 1, top + height - 1];
    return { mask, box, rectangle };
  });
  const viewed = samples.map(({ id, name, label }): ViewedSample => ({
    id,
    name,
    label,
    width: IMAGE,
    height: IMAGE,
    rows,
    views: rows.length === 1 ? [0] : [2, 0, 1],
  }));
  const pixels: Uint8Array[] = [];
  for (const { path } of samples) {
    const image = await decodeImage(path);
    pixels.push(
      Uint8Array.from(rectangles.flatMap((box) => [...cropResizeLinear(image, box, VIEW, VIEW).data])),
    );
  }
  const size = { width: VIEW, height: VIEW, viewsPerImage: rows.length };
  const classWeights = classes.map(() => 1);
  writeViews(
    folder,
    { split: "test", ...size, classes: [...classes], classWeights, samples: viewed },
    pixels,
  );
}

async function writeSaliencyOf({ model, views, saliency }: EvaluationInputs, count: number): Promise<void> {
  const index = readViewsIndex(views);
  const pixels = viewPixelsOf(views, index);
  const explainer = explainerOf(model);
  const { split, width, height } = index;
  const samples = [];
  for (const sample of index.samples.slice(0, count)) {
    const x = normalizedRows(sample, index, pixels, IMAGENET);
    const similarity = await explainer.similarities(x, sample.id);
    const chosen = topPrototypes(similarity, sample, K);
    const maps = await relevanceOfImage(explainer, sample, x, chosen, {
      frame: { width, height },
      percentile: 95,
      fidelity: "reference",
    });
    const file = `${sample.id}.safetensors.gz`;
    Deno.writeFileSync(
      join(saliency!, file),
      encodeSaliency({ ...explanationHead(similarity, sample, chosen), ...maps }),
    );
    samples.push({ id: sample.id, name: sample.name, label: sample.label, file });
  }
  pixels.close();
  await explainer.release();
  writeSaliencyIndex(saliency!, {
    method: "prp",
    frame: frameOf(explainer.explained.definition),
    seed: 0,
    percentile: 95,
    split,
    width,
    height,
    samples,
  });
}

/** The explainer of a model in a folder. */
export function explainerOf(folder: string): Explainer {
  return new Explainer(explainedModel(readModel(folder)), { method: "prp" });
}

/** Evaluates all of it in batches of four images, where `options` do not say otherwise. */
export function evaluateTiny(
  inputs: EvaluationInputs,
  options: Partial<EvaluationOptions> = {},
): Promise<Evaluation> {
  const fidelity = evaluationPreset("reference");
  return evaluateModel(inputs, { techniques: STUDY_TECHNIQUES, k: K, batchSize: 4, fidelity, ...options });
}

/** Gives `use` the folders, in a folder that is removed afterwards. */
export async function inTinyBirds(
  use: (inputs: EvaluationInputs) => Promise<void>,
  options?: TinyBirdsOptions,
): Promise<void> {
  const root = Deno.makeTempDirSync();
  try {
    await use(await writeTinyBirds(root, options));
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
}
