/** SLIT: a checkpoint is computed as its own files say, and regions don't overlap. */

import assert from "node:assert/strict";
import { readSegformerProcessor } from "../../lib/models/segformer/image_processor.ts";
import { openSlit, slitInput } from "../../lib/segment/methods/slit.ts";
import { RandomStream } from "../../lib/tensor/random.ts";
import { image } from "../../lib/vision/image.ts";
import { runLengthArea, runLengthIntersection, type RunLengths } from "../../lib/vision/masks/rle.ts";
import { TINY_CONFIGURATION, TINY_PROCESSOR, writeTinyCheckpoint } from "../models/tiny_segformer.ts";

const random = new RandomStream({ seed: 2, purpose: "picture" });
const picture = image(60, 44, "RGB", Uint8Array.from({ length: 60 * 44 * 3 }, () => random.integer(256)));
const sample = {
  id: 0,
  name: "a/b.png",
  path: "",
  label: 0,
  split: "train",
  box: [0, 0, 1, 1],
  parts: [],
} as const;
/** Amid the probabilities of drawn weights, so that for one of them there are boundaries and regions. */
const thresholds = Array.from({ length: 19 }, (_, i) => 0.05 * (i + 1));

async function inFolder<T>(body: (folder: string) => T): Promise<Awaited<T>> {
  const folder = Deno.makeTempDirSync();
  try {
    return await body(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Masks of the picture by a checkpoint with these files, for each threshold. */
async function masksWith(processor: object): Promise<RunLengths[][]> {
  const segmenters = await inFolder((folder) => {
    const files = writeTinyCheckpoint(folder, TINY_CONFIGURATION, processor);
    return Promise.all(thresholds.map((threshold) => openSlit(files, threshold)));
  });
  return await Promise.all(
    segmenters.map(async (segmenter) => (await segmenter.masks(picture, sample)).map(({ runs }) => runs)),
  );
}

Deno.test("a checkpoint read from files gives regions that don't overlap", async () => {
  const masks = (await masksWith(TINY_PROCESSOR)).find(({ length }) => length > 1)!;
  assert.ok(masks, "no threshold gives several regions");
  masks.forEach((runs, i) => {
    assert.ok(i === 0 || runLengthArea(masks[i - 1]) >= runLengthArea(runs));
    for (const other of masks.slice(0, i)) assert.equal(runLengthIntersection(other, runs), 0);
  });
});

Deno.test("another size or other statistics of the processor give another input and other masks", async () => {
  const inputOf = (processor: object) =>
    inFolder((folder) =>
      slitInput(
        picture,
        readSegformerProcessor(writeTinyCheckpoint(folder, TINY_CONFIGURATION, processor).processor),
      ).pixels
    );
  const own = await inputOf(TINY_PROCESSOR);
  assert.deepEqual(own.shape, [3, 64, 64]);
  assert.deepEqual((await inputOf({ ...TINY_PROCESSOR, size: { height: 32, width: 96 } })).shape, [
    3,
    32,
    96,
  ]);
  const unsized = await inputOf({ ...TINY_PROCESSOR, do_resize: false });
  assert.deepEqual(unsized.shape, [3, 44, 60]);
  assert.ok(Math.abs(unsized.data[1] - (picture.data[3] / 255 - 0.485) / 0.229) < 1e-6);
  const raw = await inputOf({ ...TINY_PROCESSOR, do_resize: false, do_rescale: false, do_normalize: false });
  assert.deepEqual([...raw.data.subarray(0, 60)], Array.from({ length: 60 }, (_, i) => picture.data[3 * i]));
  const masks = await masksWith(TINY_PROCESSOR);
  assert.notDeepEqual(await masksWith({ ...TINY_PROCESSOR, size: 96 }), masks);
  assert.notDeepEqual(await masksWith({ ...TINY_PROCESSOR, image_std: 1 }), masks);
});

Deno.test("weights that don't fit their configuration are refused by the first tensor that does not", async () => {
  const opened = (configuration: object) => () =>
    inFolder((folder) => openSlit(writeTinyCheckpoint(folder, configuration), 0.5));
  await opened(TINY_CONFIGURATION)();
  await assert.rejects(
    opened({ ...TINY_CONFIGURATION, hidden_sizes: [4, 8, 24, 16] }),
    /patch_embeddings\.2\.proj\.weight" is float32 \[12,8,3,3\], but .* \[24,8,3,3\]/,
  );
  await assert.rejects(
    opened({ ...TINY_CONFIGURATION, depths: [1, 2, 2, 1] }),
    /block\.1\.1\.layer_norm_1\.weight.*missing/,
  );
  await assert.rejects(
    opened({ ...TINY_CONFIGURATION, sr_ratios: [1, 2, 2, 1] }),
    /block\.0\.0\.attention\.self\.layer_norm\.bias" is in the checkpoint, but/,
  );
  await inFolder(async (folder) => {
    const files = writeTinyCheckpoint(folder);
    Deno.writeFileSync(files.weights, Deno.readFileSync(files.weights).subarray(0, 5000));
    await assert.rejects(openSlit(files, 0.5), /model\.safetensors/);
  });
});

Deno.test("a network that draws no boundaries of colour images is refused", async () => {
  const opened = (change: object) => () =>
    inFolder((folder) => openSlit(writeTinyCheckpoint(folder, { ...TINY_CONFIGURATION, ...change }), 0.5));
  await assert.rejects(opened({ num_channels: 4 }), /config\.json: num_channels is 4; expected 3/);
  await assert.rejects(
    opened({ id2label: { 0: "a", 1: "b" } }),
    /config\.json: the number of labels .* is 2; expected 1/,
  );
});
