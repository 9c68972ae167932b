/** A small model and views of random pixels, for tests of explanations. */

import { type ViewedSample } from "../../lib/data/views/views_file.ts";
import { writeViews } from "../data/views/write_views.ts";
import { type ModelDescription, modelOf, writeModel } from "../../lib/models/model_folder.ts";
import { definitionOf, type ModelName } from "../../lib/models/models.ts";
import { RandomStream } from "../../lib/tensor/random.ts";
import { IMAGENET } from "../../lib/vision/normalize.ts";

export const SIZE = 32;

const CLASSES = ["a", "b", "c"];

/** The sizes of small models by name. */
const SIZES = {
  protomask: { prototypesPerClass: 2, depth: 8 },
  protopnet: { prototypesPerClass: 2, depth: 8 },
  protopool: { prototypes: 5, slots: 2, depth: 8 },
  pipnet: {},
} as const satisfies Record<ModelName, object>;

/** The description of a small model. */
export function describeDrawn(
  model: ModelName = "protomask",
  classes: readonly string[] = CLASSES,
): ModelDescription {
  return {
    model,
    backbone: { block: "bottleneck", layers: [1, 1], width: 4, strides: [1, 2] },
    classes: [...classes],
    ...SIZES[model],
    width: SIZE,
    height: SIZE,
    viewsPerImage: definitionOf(model).sees === "views" ? 3 : 1,
    colors: { mean: [...IMAGENET.mean], std: [...IMAGENET.std] },
  } as ModelDescription;
}

/** Writes a model that was not trained to `folder`. */
export function writeDrawnModel(folder: string, model: ModelName = "protomask"): void {
  Deno.mkdirSync(folder);
  const description = describeDrawn(model);
  writeModel(folder, description, modelOf(description).initialState(5));
}

/** The samples of {@link writeDrawnViews}: the last one has two masks, and shows the first of them again. */
export function drawnSamples(count: number): ViewedSample[] {
  const box = (mask: number): [number, number, number, number] => [4 * mask, 2, 4 * mask + 20, 40 - 3 * mask];
  return Array.from({ length: count }, (_, id) => {
    const rowCount = id === count - 1 ? 2 : 3;
    const sample = {
      id,
      name: `${"abc"[id % 3]}/${id}.png`,
      label: id % 3,
      width: 64,
      height: 48,
      rows: Array.from({ length: rowCount }, (_, mask) => {
        const [left, top, right, bottom] = box(mask);
        return { mask, box: box(mask), rectangle: { left, top, width: right - left, height: bottom - top } };
      }),
      views: rowCount === 3 ? [0, 1, 2] : [1, 0, 1],
    };
    return sample;
  });
}

/** Writes views to `folder`; those of an image depend on its id, and on `seed` where it is the image `changed`. */
export function writeDrawnViews(folder: string, count: number, changed?: { id: number; seed: number }): void {
  writeSamples(folder, drawnSamples(count), changed);
}

/** Writes one view of each image: the crop by the box of its object. */
export function writeDrawnCrops(folder: string, count: number): void {
  writeSamples(
    folder,
    drawnSamples(count).map((sample) => ({
      ...sample,
      rows: sample.rows.slice(0, 1),
      views: [0],
    })),
  );
}

function writeSamples(folder: string, samples: ViewedSample[], changed?: { id: number; seed: number }): void {
  Deno.mkdirSync(folder, { recursive: true });
  function* pixels() {
    for (const { id, rows } of samples) {
      const seed = changed?.id === id ? changed.seed : 0;
      const random = new RandomStream({ seed, purpose: "pixels", index: id });
      yield Uint8Array.from({ length: rows.length * SIZE * SIZE * 3 }, () => random.integer(256));
    }
  }
  const index = {
    split: "test" as const,
    width: SIZE,
    height: SIZE,
    viewsPerImage: samples[0].views.length,
    classWeights: [1, 1, 1],
  };
  writeViews(folder, { ...index, classes: CLASSES, samples }, pixels());
}
