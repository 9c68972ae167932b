/** The loader: whatever the threads, the batches held and the cuts of a run, an epoch is the same; faults come in turn. */

import assert from "node:assert/strict";
import { join } from "node:path";
import type { Augmentation, ImageSource, LoaderSource } from "../../../lib/data/loader/batch_builder.ts";
import { epochOrder, type ImageBatch, Loader } from "../../../lib/data/loader/loader.ts";
import { writeViews } from "../views/write_views.ts";
import { RandomStream } from "../../../lib/tensor/random.ts";
import { applyOperations } from "../../../lib/vision/augment/apply.ts";
import { drawOperations } from "../../../lib/vision/augment/draw.ts";
import { pipeline } from "../../../lib/vision/augment/transforms.ts";
import { oneView, twoViews } from "../../../lib/vision/augment/views.ts";
import { encodePng } from "../../../lib/vision/encode.ts";
import { type Image, image } from "../../../lib/vision/image.ts";
import { IMAGENET, normalize, normalizeTables } from "../../../lib/vision/normalize.ts";
import { resizeLinear } from "../../../lib/vision/resize/opencv.ts";
import { withFolder } from "../folder.ts";

const SIDE = 24;
const COUNT = 11;
const recipe = oneView([["protomask", "medium"], ["photometric", "medium"]], "wrap");

function noise(index: number, width = SIDE, height = SIDE): Image {
  const random = new RandomStream({ seed: 1, purpose: "noise", index });
  return image(
    width,
    height,
    "RGB",
    Uint8Array.from({ length: width * height * 3 }, () => random.integer(256)),
  );
}

/** Image i has the id 100 + i and i mod 3 + 1 rows; all have three views. */
async function withViews(
  test: (folder: string, row: (image: number, view: number) => Image) => Promise<void>,
) {
  await withFolder({}, async (folder) => {
    const rectangle = { left: 0, top: 0, width: SIDE, height: SIDE };
    const samples = Array.from({ length: COUNT }, (_, i) => {
      const rows = Array.from({ length: i % 3 + 1 }, (_, mask) => ({ mask, rectangle }));
      return {
        id: 100 + i,
        name: `a/${i}.png`,
        label: i % 2,
        width: SIDE,
        height: SIDE,
        rows,
        views: [0, 1, 2].map((view) => view % rows.length),
      };
    });
    const head = { split: "train", width: SIDE, height: SIDE, viewsPerImage: 3 } as const;
    const noiseOf = (i: number, row: number) => noise(3 * i + row);
    const pixels = samples.map(({ rows }, i) =>
      Uint8Array.from(rows.flatMap((_, row) => [...noiseOf(i, row).data]))
    );
    writeViews(folder, { ...head, classes: ["a", "b"], classWeights: [1, 1], samples }, pixels);
    await test(folder, (i, view) => noiseOf(i, samples[i].views[view]));
  });
}

interface Taken {
  readonly shape: readonly number[];
  readonly values: number[];
  readonly labels: readonly number[];
  readonly images: readonly number[];
}

async function taken(batches: AsyncIterable<ImageBatch>): Promise<Taken[]> {
  const all: Taken[] = [];
  for await (const { shape, values, labels, images } of batches) {
    all.push({ shape: [...shape], values: [...values], labels: [...labels], images: [...images] });
  }
  return all;
}

async function withLoader<T>(
  source: LoaderSource,
  options: { threads: number; held: number; batchSize?: number },
  use: (loader: Loader) => Promise<T>,
): Promise<T> {
  const loader = new Loader({ source, colors: IMAGENET, batchSize: 4, ...options });
  try {
    return await use(loader);
  } finally {
    loader.close();
  }
}

Deno.test("in order, batches hold every image's views as they are", async () => {
  await withViews(async (views, row) => {
    const batches = await withLoader({ views }, { threads: 2, held: 3 }, (loader) => taken(loader.inOrder()));
    assert.deepEqual(batches.map(({ shape }) => shape), [
      [4, 3, 3, SIDE, SIDE],
      [4, 3, 3, SIDE, SIDE],
      [3, 3, 3, SIDE, SIDE],
    ]);
    assert.deepEqual(batches.flatMap(({ images }) => images), Array.from({ length: COUNT }, (_, i) => i));
    assert.deepEqual(batches.flatMap(({ labels }) => labels), Array.from({ length: COUNT }, (_, i) => i % 2));
    const expected = Array.from(
      { length: COUNT },
      (_, i) => [0, 1, 2].map((view) => [...normalize(row(i, view), IMAGENET).data]),
    ).flat(2);
    assert.deepEqual(batches.flatMap(({ values }) => values), expected);
  });
});

Deno.test("an epoch is the same with any number of threads and batches held, in parts and after other epochs", async () => {
  await withViews(async (views, row) => {
    const of = (epoch: number): Augmentation => ({ recipe, seed: 5, epoch });
    const settings = [{ threads: 0, held: 2 }, { threads: 1, held: 2 }, { threads: 3, held: 9 }];
    const runs = [];
    for (const options of settings) {
      runs.push(
        await withLoader({ views }, options, async (loader) => {
          // Stopped within an epoch, as a run that is interrupted.
          for await (const { images } of loader.shuffled(of(0))) if (images.length > 0) break;
          return [await taken(loader.shuffled(of(7))), await taken(loader.shuffled(of(8)))];
        }),
      );
    }
    assert.deepEqual(runs[1], runs[0]);
    assert.deepEqual(runs[2], runs[0]);
    const [seventh, eighth] = runs[0];
    assert.notDeepEqual(seventh.map(({ images }) => images), eighth.map(({ images }) => images));
    const order = epochOrder(COUNT, 5, 7);
    assert.deepEqual(seventh.flatMap(({ images }) => images), [...order]);
    assert.deepEqual([...order].sort((a, b) => a - b), Array.from({ length: COUNT }, (_, i) => i));

    const view = row(order[0], 2);
    const transforms = [
      ...pipeline("protomask", "medium", "wrap"),
      ...pipeline("photometric", "medium", "wrap"),
    ];
    const stream = { seed: 5, purpose: "augment view 2", epoch: 7, index: 100 + order[0] };
    const shown = await applyOperations(view, drawOperations(transforms, view, stream));
    const size = 3 * SIDE * SIDE;
    assert.deepEqual(seventh[0].values.slice(2 * size, 3 * size), [...normalize(shown, IMAGENET).data]);
  });
});

Deno.test("levels are those that normalised batches come from, with any number of threads", async () => {
  await withViews(async (views) => {
    const of = { recipe, seed: 5, epoch: 7 };
    const tables = normalizeTables(IMAGENET);
    for (const threads of [0, 2, 8]) {
      await withLoader({ views }, { threads, held: 3 }, async (loader) => {
        const normalised = await taken(loader.shuffled(of));
        const levels: Uint8Array[] = [];
        for await (const { values } of loader.shuffled({ ...of, levels: true })) {
          assert.ok(values instanceof Uint8Array);
          levels.push(values.slice());
        }
        const plane = SIDE * SIDE;
        assert.deepEqual(
          levels.map((values) => Array.from(values, (level, i) => tables[Math.floor(i / plane) % 3][level])),
          normalised.map(({ values }) => values),
        );
        // The next epoch is normalised again, in memory of its own size.
        assert.deepEqual(await taken(loader.shuffled(of)), normalised);
      });
    }
  });
});

Deno.test("a recipe of two views doubles the views of every image", async () => {
  await withViews(async (views) => {
    const pair = twoViews([["geometric", "medium"], ["pipnet", "large"]], "wrap");
    const [batch] = await withLoader(
      { views },
      { threads: 1, held: 2 },
      (loader) => taken(loader.shuffled({ recipe: pair, seed: 0, epoch: 0 })),
    );
    assert.deepEqual(batch.shape, [4, 6, 3, SIDE, SIDE]);
    const size = 3 * SIDE * SIDE;
    assert.notDeepEqual(batch.values.slice(0, size), batch.values.slice(size, 2 * size));
  });
});

Deno.test("image files are decoded, cut and stretched; a bad one is named when it is its turn", async () => {
  await withFolder({}, async (folder) => {
    const images: ImageSource[] = [];
    for (let id = 0; id < 5; id++) {
      const path = join(folder, `${id}.png`);
      Deno.writeFileSync(path, await encodePng(noise(id, 40, 30)));
      images.push({ id, label: id, path, ...(id === 1 && { box: [5, 4, 25, 29] as const }) });
    }
    const source = { images, width: SIDE, height: SIDE, fidelity: "intended" } as const;
    const options = { threads: 2, held: 3, batchSize: 1 };
    await withLoader(source, options, async (loader) => {
      const batches = await taken(loader.inOrder());
      const whole = normalize(resizeLinear(noise(0, 40, 30), SIDE, SIDE), IMAGENET).data;
      assert.deepEqual(batches[0].values, [...whole]);
      assert.equal(batches.length, 5);
      Deno.writeFileSync(images[3].path, Deno.readFileSync(images[3].path).subarray(0, 900));
      const seen: number[] = [];
      await assert.rejects(async () => {
        for await (const { images } of loader.inOrder()) seen.push(...images);
      }, /3\.png.*truncated/);
      assert.deepEqual(seen, [0, 1, 2]);
    });
  });
});

Deno.test("never more batches are in memory than were allowed", async () => {
  await withViews(async (views) => {
    await withLoader({ views }, { threads: 2, held: 3, batchSize: 1 }, async (loader) => {
      for (let epoch = 0; epoch < 3; epoch++) {
        for await (const { images } of loader.shuffled({ recipe, seed: 0, epoch })) {
          assert.equal(images.length, 1);
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      }
      assert.ok(loader.buffersMade <= 3, `${loader.buffersMade} buffers`);
    });
  });
});

Deno.test("options out of range are refused", async () => {
  await withViews((views) => {
    const of = (changed: object) => () =>
      new Loader({ source: { views }, colors: IMAGENET, batchSize: 4, threads: 0, held: 2, ...changed });
    for (const changed of [{ batchSize: 0 }, { threads: -1 }, { held: 1 }, { batchSize: 1.5 }]) {
      assert.throws(of(changed), RangeError);
    }
    assert.throws(of({ source: { views: `${views}/none` } }), /can't be read as views/);
    return Promise.resolve();
  });
});
