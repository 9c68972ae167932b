/** Explanations by masks, as a unit and through the command line. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { readDataSetIndex } from "../../lib/data/data_set_index.ts";
import { readViewsIndex } from "../../lib/data/views/views_file.ts";
import { masksInFrame } from "../../lib/explain/mask_saliency.ts";
import { readSaliency, readSaliencyIndex } from "../../lib/explain/saliency_files.ts";
import { modelOf, writeModel } from "../../lib/models/model_folder.ts";
import { maskSetFile, parseMaskSet } from "../../lib/segment/mask_set.ts";
import { decodeImage } from "../../lib/vision/decode.ts";
import { image, mask } from "../../lib/vision/image.ts";
import { encodeRunLengths } from "../../lib/vision/masks/rle.ts";
import { inRun } from "../tasks/run.ts";
import { describeDrawn, SIZE } from "./drawn_views.ts";

Deno.test("masks are stretched with their image, and black pixels are no part of them", () => {
  const source = image(4, 2, "RGB", new Uint8Array(24).fill(200));
  source.data.fill(0, 0, 3);
  const left = encodeRunLengths(mask(4, 2, Uint8Array.from([1, 1, 0, 0, 1, 1, 0, 0])));
  const { shape, data } = masksInFrame(source, [left, left], { width: 4, height: 2 });
  assert.deepEqual(shape, [2, 2, 4]);
  assert.deepEqual([...data], [0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 1, 1, 0, 0]);
});

Deno.test("the kind prp explains by the masks of the views that it chose", async () => {
  await inRun(async (run) => {
    const birds = { name: "birds", birds: { classes: 2, trainPerClass: 1, testPerClass: 2, size: 48 } };
    const tasks = {
      data: { kind: "dataset", params: birds },
      masks: { kind: "segment", params: { method: { name: "contour" } }, inputs: { data: "data.data" } },
      views: {
        kind: "crop-views",
        params: { split: "test", numMasks: 3, width: SIZE, height: SIZE },
        inputs: { data: "data.data", masks: "masks.masks" },
      },
    };
    const made = await run.run(tasks);
    assert.equal(made.code, 0, made.err + made.out);
    const views = readViewsIndex(await run.get("views", "views"));
    const model = join(run.folder, "model");
    Deno.mkdirSync(model);
    const described = describeDrawn("protomask", views.classes);
    writeModel(model, described, modelOf(described).initialState(3));
    const explained = await run.run({
      ...tasks,
      prp: {
        kind: "prp",
        params: { method: "mask", prototypes: 2, limit: 2 },
        inputs: { model: "folder:model", views: "views.views", data: "data.data", masks: "masks.masks" },
      },
    });
    assert.equal(explained.code, 0, explained.err + explained.out);
    const folder = await run.get("prp", "saliency");
    const index = readSaliencyIndex(folder);
    assert.equal(index.method, "mask");
    // Two of the four images, from the beginning and the middle.
    assert.deepEqual(index.samples.map(({ id }) => id), [views.samples[0].id, views.samples[2].id]);
    const masks = await run.get("masks", "masks");
    const data = await run.get("data", "data");
    const indexed = readDataSetIndex(data).samples;
    for (const { id, file } of index.samples) {
      const found = readSaliency(folder, file, index);
      assert.equal(found.viewMaps, undefined);
      const sample = views.samples.find((sample) => sample.id === id)!;
      const set = parseMaskSet(Deno.readTextFileSync(join(masks, maskSetFile(sample))), file);
      const photograph = await decodeImage(join(data, indexed.find((entry) => entry.id === id)!.image));
      const runs = found.views.map((view) => set.masks[sample.rows[sample.views[view]].mask].runs);
      assert.deepEqual(found.maps, masksInFrame(photograph, runs, { width: SIZE, height: SIZE }));
    }
  });
});
