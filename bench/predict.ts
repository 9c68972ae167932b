/**
 * Times `predict` on drawn birds of the default size with the model of `birds`, untrained, on the CPU: the first
 * photograph, which compiles the programs, and the others.
 *
 *     deno run -A bench/predict.ts [--photographs 20] [--threads 2] [--maps]
 *
 * `--maps` also computes what `--page` shows. Prints the median and the largest time of a photograph in milliseconds,
 * from its file to its classes.
 */

import { parseArgs } from "node:util";
import { DEFAULT_BIRDS } from "../lib/data/birds/bird_spec.ts";
import { writeBirds } from "../lib/data/birds/write_birds.ts";
import { readCub200 } from "../lib/data/cub200.ts";
import { type ModelDescription, modelOf } from "../lib/models/model_folder.ts";
import { EMPTY_GALLERY } from "../lib/predict/gallery.ts";
import { Predictor } from "../lib/predict/predictor.ts";
import { checkedRecipe } from "../lib/predict/recipe.ts";
import { IMAGENET } from "../lib/vision/normalize.ts";
import { median } from "./side.ts";

const { values } = parseArgs({
  options: {
    photographs: { type: "string", default: "20" },
    threads: { type: "string", default: "2" },
    maps: { type: "boolean", default: false },
  },
});

const SIZE = { width: 64, height: 64 };
const description = {
  model: "protomask",
  backbone: { block: "basic", layers: [1, 1, 1, 1], width: 16, strides: [1, 2, 2, 2] },
  classes: Array.from({ length: DEFAULT_BIRDS.classes }, (_, i) => `class ${i}`),
  prototypesPerClass: 5,
  depth: 64,
  ...SIZE,
  viewsPerImage: 5,
  colors: IMAGENET,
} as unknown as ModelDescription;
const model = modelOf(description);
const recipe = checkedRecipe({
  workflow: "birds",
  task: "fine-tune",
  orientation: "as-stored",
  masks: { method: { name: "contour" }, files: {} },
  views: {
    through: "masks",
    numMasks: 5,
    ...SIZE,
    fill: "original",
    minBoxShare: 0,
    crop: true,
    fidelity: "reference",
  },
  relevance: "intended",
});

const folder = Deno.makeTempDirSync();
try {
  writeBirds(folder, { ...DEFAULT_BIRDS, trainPerClass: 3, testPerClass: 1 });
  const photographs = readCub200(folder).samples.slice(0, Number(values.photographs));
  const loaded = { description, model, state: model.initialState(1) };
  const predictor = await Predictor.open(
    { loaded, recipe, maskFiles: {}, gallery: EMPTY_GALLERY },
    { threads: Number(values.threads) },
    console.warn,
  );
  const times: number[] = [];
  for (const { path, name } of photographs) {
    const start = performance.now();
    await predictor.predict(path, name, { maps: values.maps });
    times.push(performance.now() - start);
  }
  await predictor.release();
  const [first, ...others] = times;
  console.log(
    `${photographs.length} photographs: first ${first.toFixed(0)} ms, then median ${
      median(others).toFixed(0)
    } ms, largest ${Math.max(...others).toFixed(0)} ms`,
  );
} finally {
  Deno.removeSync(folder, { recursive: true });
}
