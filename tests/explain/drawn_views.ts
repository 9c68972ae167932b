/** A small model and views of random pixels, for tests of explanations. */

import { join } from "node:path";
import { type ViewedSample, writeViews } from "../../lib/data/views/views_file.ts";
import { type ModelDescription, modelOf, writeModel } from "../../lib/models/model_folder.ts";
import { RandomStream } from "../../lib/tensor/random.ts";
import { IMAGENET } from "../../lib/vision/normalize.ts";

export const SIZE = 32;

export const description: ModelDescription = {
  model: "protomask",
  backbone: { block: "bottleneck", layers: [1, 1], width: 4, strides: [1, 2] },
  classes: ["a", "b", "c"],
  prototypesPerClass: 2,
  depth: 8,
  width: SIZE,
  height: SIZE,
  viewsPerImage: 3,
  colors: { mean: [...IMAGENET.mean], std: [...IMAGENET.std] },
};

/** Writes a model that was not trained to `folder`. */
export function writeDrawnModel(folder: string): void {
  Deno.mkdirSync(folder);
  writeModel(folder, description, modelOf(description).initialState(5));
}

/** The samples of {@link writeDrawnViews}: the last one has two masks, and shows the first of them again. */
export function drawnSamples(count: number): ViewedSample[] {
  const box = (mask: number): [number, number, number, number] => [4 * mask, 2, 4 * mask + 20, 40 - 3 * mask];
  let firstRow = 0;
  return Array.from({ length: count }, (_, id) => {
    const rowCount = id === count - 1 ? 2 : 3;
    const sample = {
      id,
      name: `${"abc"[id % 3]}/${id}.png`,
      label: id % 3,
      width: 64,
      height: 48,
      firstRow,
      rows: Array.from({ length: rowCount }, (_, mask) => {
        const [left, top, right, bottom] = box(mask);
        return { mask, box: box(mask), rectangle: { left, top, width: right - left, height: bottom - top } };
      }),
      views: rowCount === 3 ? [0, 1, 2] : [1, 0, 1],
    };
    firstRow += rowCount;
    return sample;
  });
}

/** Writes views to `folder`; those of an image depend on its id, and on `seed` where it is the image `changed`. */
export function writeDrawnViews(folder: string, count: number, changed?: { id: number; seed: number }): void {
  Deno.mkdirSync(folder, { recursive: true });
  const samples = drawnSamples(count);
  function* pixels() {
    for (const { id, rows } of samples) {
      const seed = changed?.id === id ? changed.seed : 0;
      const random = new RandomStream({ seed, purpose: "pixels", index: id });
      yield Uint8Array.from({ length: rows.length * SIZE * SIZE * 3 }, () => random.integer(256));
    }
  }
  const { classes } = description;
  const index = {
    split: "test" as const,
    width: SIZE,
    height: SIZE,
    viewsPerImage: 3,
    classes,
    classWeights: [1, 1, 1],
  };
  writeViews(folder, { ...index, classes: [...classes], samples }, pixels());
}

/** Both in one folder of its own, which `use` gets. */
export async function inDrawnFolder(use: (folder: string) => void | Promise<void>, count = 4): Promise<void> {
  const folder = Deno.makeTempDirSync();
  try {
    writeDrawnModel(join(folder, "model"));
    writeDrawnViews(join(folder, "views"), count);
    await use(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
