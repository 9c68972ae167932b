/** From a data set to views through the command line: counts, labels, boxes, parts and pixels are those of the library. */

import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { readCub200 } from "../../lib/data/cub200.ts";
import { samplesOf } from "../../lib/data/data_set.ts";
import { readDataSetIndex, readIndexedDataSet } from "../../lib/data/data_set_index.ts";
import { maskRectangle, objectRectangle } from "../../lib/data/views/crop_rectangle.ts";
import { readViewsIndex, viewPixelsOf } from "../../lib/data/views/views_file.ts";
import { decodeImage } from "../../lib/vision/decode.ts";
import { cropResizeLinear } from "../../lib/vision/resize/opencv.ts";
import { outcomes } from "../flow/cli.ts";
import { sharedFolder } from "../shared.ts";
import { inRun, type Run } from "./run.ts";

function bytesBelow(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

const shared = sharedFolder();

Deno.test({
  name: "the photographs of the CUB sample become views by their boxes",
  ignore: shared === undefined,
  async fn() {
    await inRun(async (run) => {
      const source = join(shared!, "data", "cub200-sample");
      const cub = { kind: "dataset", params: { name: "cub200" }, inputs: { images: `folder:${source}` } };
      const masks = {
        kind: "segment",
        params: { method: { name: "annotated", of: "boxes" } },
        inputs: { data: "cub.data" },
      };
      const through = { data: "cub.data", masks: "masks.masks" };
      const result = await run.run({
        cub,
        masks,
        train: { kind: "crop-views", params: { split: "train", numMasks: 1 }, inputs: through },
        test: {
          kind: "crop-views",
          params: { split: "test", through: "object" },
          inputs: { data: "cub.data" },
        },
      });
      assert.equal(result.code, 0, result.err + result.out);

      const library = readCub200(join(source, "CUB_200_2011"));
      const folder = await run.get("cub", "data");
      const dataSet = readIndexedDataSet(folder);
      const withoutPath = (set: typeof library) => set.samples.map(({ path: _, ...sample }) => sample);
      assert.equal(dataSet.samples.length, 63);
      assert.deepEqual(withoutPath(dataSet), withoutPath(library));
      assert.deepEqual(dataSet.partNames, library.partNames);
      for (const [i, { path }] of dataSet.samples.entries()) {
        assert.deepEqual(Deno.readFileSync(path), Deno.readFileSync(library.samples[i].path));
      }

      for (const split of ["train", "test"] as const) {
        const views = await run.get(split, "views");
        const index = readViewsIndex(views);
        const samples = samplesOf(library, split);
        assert.deepEqual(
          index.samples.map(({ id, label }) => [id, label]),
          samples.map(({ id, label }) => [id, label]),
        );
        assert.deepEqual(index.classes, library.classes);
        const pixels = viewPixelsOf(views, index);
        const pixelsOfView = new Uint8Array(224 * 224 * 3);
        for (const [i, { width, height, rows }] of index.samples.entries()) {
          const { box, path } = samples[i];
          const [x1, y1, x2, y2] = box!;
          const rectangle = split === "train"
            ? maskRectangle(
              [x1, y1, Math.min(x2, width) - 1, Math.min(y2, height) - 1],
              width,
              height,
              "reference",
            )
            : objectRectangle([x1, y1, x2, y2], width, height, "reference");
          assert.deepEqual(rows[0].rectangle, rectangle);
          if (i % 8 > 0) continue;
          pixels.read(index.samples[i], 0, pixelsOfView);
          const expected = cropResizeLinear(await decodeImage(path), rectangle, 224, 224);
          assert.deepEqual(pixelsOfView, expected.data, samples[i].name);
        }
        pixels.close();
        const sheet = await decodeImage(join(views, "sheet.png"));
        assert.ok(sheet.width > 72 && sheet.height > 72);
      }
    });
  },
});

const BIRDS = { trainPerClass: 3, testPerClass: 1, classes: 3, size: 48 };

function birdTasks(birds: object, views: object): Record<string, object> {
  return {
    birds: { kind: "dataset", params: { name: "birds", birds } },
    masks: {
      kind: "segment",
      params: { method: { name: "annotated", of: "parts" } },
      inputs: { data: "birds.data" },
    },
    views: {
      kind: "crop-views",
      params: { split: "train", width: 16, height: 16, ...views },
      inputs: { data: "birds.data", masks: "masks.masks" },
    },
  };
}

Deno.test("a split without images is named by the data set, and its views are refused", async () => {
  await inRun(async (run) => {
    const { events, code } = await run.run(
      birdTasks({ ...BIRDS, testPerClass: 0 }, { split: "test", numMasks: 2 }),
    );
    assert.equal(code, 1);
    const views = events.find(({ event, id }) => event === "action" && id === "views")!;
    assert.match(views.reason, /the data set has no image in the split test/);
    const { out } = await run.call("log", "views.ts", "birds");
    assert.match(out, /^train: 9 images of 3 classes$/m);
    assert.match(out, /^test: 0 images of 0 classes; classes without images: /m);
  });
});

/** Items whose views were cut in the last run. */
async function cut(run: Run): Promise<number> {
  const { out } = await run.call("log", "views.ts", "views");
  return out.split("\n").filter((line) => /^cut /.test(line)).length;
}

Deno.test("a new image costs one item, and the views of the others stay", async () => {
  await inRun(async (run) => {
    const first = await run.run(birdTasks(BIRDS, { numMasks: 4 }));
    assert.equal(first.code, 0, first.err + first.out);
    assert.equal(await cut(run), 9);
    const before = readViewsIndex(await run.get("views", "views"));
    assert.ok(before.samples.every(({ views }) => views.length === 4));

    const more = await run.run(birdTasks({ ...BIRDS, classes: 4 }, { numMasks: 4 }));
    assert.deepEqual(outcomes(more), { birds: "ran", masks: "ran", views: "ran" });
    assert.equal(await cut(run), 3);
    const after = readViewsIndex(await run.get("views", "views"));
    assert.deepEqual(after.samples.slice(0, 9), before.samples);
    assert.deepEqual(outcomes(await run.run(birdTasks({ ...BIRDS, classes: 4 }, { numMasks: 4 }))), {
      birds: "reused",
      masks: "reused",
      views: "reused",
    });
  });
});

Deno.test("fewer masks than views are repeated, but where no image has so many the error says how many there are", async () => {
  await inRun(async (run) => {
    const tooMany = await run.run(birdTasks(BIRDS, { numMasks: 7 }));
    assert.equal(tooMany.code, 1);
    const { out: log } = await run.call("log", "views.ts", "views");
    assert.match(log, /no image of the set has more than 6 masks; ask for at most 6/);
    const missing = await run.run(birdTasks(BIRDS, {}));
    assert.equal(missing.code, 2);
    assert.match(missing.out + missing.err, /numMasks/);
  });
});

Deno.test("a fault in an annotation is reported with the user's own file and its line", async () => {
  await inRun(async (run) => {
    const birds = { birds: { kind: "dataset", params: { name: "birds", birds: BIRDS } } };
    assert.equal((await run.run(birds)).code, 0);
    const data = await run.get("birds", "data");
    const index = readDataSetIndex(data);
    // The birds once more as files of a user, in the layout of CUB.
    const folder = join(run.folder, "mine");
    Deno.mkdirSync(join(folder, "parts"), { recursive: true });
    Deno.renameSync(join(data, "images"), join(folder, "images"));
    const lines: Record<string, string[]> = {
      "classes.txt": index.classes.map((name, label) => `${label + 1} ${name}`),
      "images.txt": index.samples.map(({ id, name }) => `${id + 1} ${name}`),
      "image_class_labels.txt": index.samples.map(({ id, label }) => `${id + 1} ${label + 1}`),
      "train_test_split.txt": index.samples.map(({ id, split }) => `${id + 1} ${split === "train" ? 1 : 0}`),
      "bounding_boxes.txt": index.samples.map(({ id }) =>
        `${id + 1} 1.0 2.0 ${id === 4 ? "wide" : "9.0"} 8.0`
      ),
      "parts/parts.txt": ["1 beak"],
      "parts/part_locs.txt": index.samples.map(({ id }) => `${id + 1} 1 5.0 5.0 1`),
    };
    for (const [file, content] of Object.entries(lines)) {
      Deno.writeTextFileSync(join(folder, file), content.join("\n") + "\n");
    }
    const mine = {
      mine: { kind: "dataset", params: { name: "cub200" }, inputs: { source: `folder:${folder}` } },
    };
    const faulty = await run.run(mine);
    assert.equal(faulty.code, 1);
    const { out: log } = await run.call("log", "views.ts", "mine");
    assert.ok(log.includes(`${folder}/bounding_boxes.txt, line 5: the width must be a number`), log);
    const content = Deno.readTextFileSync(join(folder, "bounding_boxes.txt")).replace("wide", "9.0");
    Deno.writeTextFileSync(join(folder, "bounding_boxes.txt"), content);
    const stored = bytesBelow(join(run.folder, "store", "blobs"));
    const mended = await run.run(mine);
    assert.equal(mended.code, 0, mended.out + mended.err);
    // The images are in the store already, under the digests that the birds gave them.
    const added = bytesBelow(join(run.folder, "store", "blobs")) - stored;
    assert.ok(added < bytesBelow(join(folder, "images")) / 2, `${added} bytes were added`);
  });
});
