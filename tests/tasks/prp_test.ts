/** The kind `prp` through the command line: what is kept are the library's maps, image by image. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { sampleFileName } from "../../lib/data/data_set.ts";
import { readViewsIndex, viewPixelsOf } from "../../lib/data/views/views_file.ts";
import { explanationFacts, normalizedRows } from "../../lib/explain/explained_images.ts";
import { relevanceOfImage, rowsInOrder, topPrototypes } from "../../lib/explain/image_saliency.ts";
import { explainedModel } from "../../lib/explain/explained_model.ts";
import { Explainer } from "../../lib/explain/explainer.ts";
import { readSaliency, readSaliencyIndex } from "../../lib/explain/saliency_files.ts";
import { readModel } from "../../lib/models/model_folder.ts";
import { IMAGENET } from "../../lib/vision/normalize.ts";
import { SIZE, writeDrawnModel, writeDrawnViews } from "../explain/drawn_views.ts";
import { inRun, type Run } from "./run.ts";

const COUNT = 4;

async function inPrpRun(body: (run: Run) => Promise<void>): Promise<void> {
  await inRun(async (run) => {
    writeDrawnModel(join(run.folder, "model"));
    writeDrawnViews(join(run.folder, "views"), COUNT);
    await body(run);
  });
}

function prpTask(params: object, inputs: object = {}) {
  return {
    prp: { kind: "prp", params, inputs: { model: "folder:model", views: "folder:views", ...inputs } },
  };
}

/** The items' facts for a folder of views, as text. */
function factsOf(folder: string): string[] {
  const views = readViewsIndex(folder);
  const pixels = viewPixelsOf(folder, views);
  const facts = views.samples.map((sample) => JSON.stringify(explanationFacts({ sample }, views, pixels)));
  pixels.close();
  return facts;
}

Deno.test("every image's maps are those that the library finds, and the most similar prototypes come first", async () => {
  await inPrpRun(async (run) => {
    const result = await run.run(prpTask({ prototypes: 3, fidelity: "reference" }));
    assert.equal(result.code, 0, result.err + result.out);
    const folder = await run.get("prp", "saliency");
    const index = readSaliencyIndex(folder);
    assert.deepEqual(index.samples.map(({ id }) => id), [0, 1, 2, 3]);

    const explainer = new Explainer(explainedModel(readModel(join(run.folder, "model"))), { method: "prp" });
    const views = readViewsIndex(join(run.folder, "views"));
    const pixels = viewPixelsOf(join(run.folder, "views"), views);
    for (const [i, { file }] of index.samples.entries()) {
      const sample = views.samples[i];
      assert.equal(file, `${sampleFileName(sample)}.safetensors.gz`);
      const found = readSaliency(folder, file, index);
      const x = normalizedRows(sample, views, pixels, IMAGENET);
      const similarity = await explainer.similarities(x, sample.id);
      const chosen = topPrototypes(similarity, sample, 3);
      assert.deepEqual(found.prototypes, chosen.map(({ prototype }) => prototype));
      assert.deepEqual(found.views, chosen.map(({ view }) => view));
      assert.deepEqual(found.logits, similarity.logits);
      assert.deepEqual(found.similarities, found.similarities.toSorted((a, b) => b - a));
      const frame = { width: SIZE, height: SIZE };
      const settings = { frame, percentile: 95, fidelity: "reference" as const };
      const { maps, viewMaps } = await relevanceOfImage(explainer, sample, x, chosen, settings);
      assert.deepEqual(found.maps, maps);
      assert.deepEqual(found.viewMaps, viewMaps);
      assert.ok(maps.data.some((value) => value > 0));
    }
    pixels.close();
    await explainer.release();
    // The last image shows its second mask first, and again last: of equal views the first is meant.
    const last = readSaliency(folder, index.samples[3].file, index);
    assert.deepEqual(rowsInOrder(views.samples[3]), [1, 0]);
    assert.ok(last.views.every((view) => view < 2));
  });
});

Deno.test("the result of an image depends on its own views, not on those of other images", async () => {
  await inPrpRun(async (run) => {
    const resultsFor = async (views: string) => {
      const result = await run.run(prpTask({ prototypes: 1 }, { views: `folder:${views}` }));
      assert.equal(result.code, 0, result.err + result.out);
      const folder = await run.get("prp", "saliency");
      return readSaliencyIndex(folder).samples.map(({ file }) => Deno.readFileSync(join(folder, file)));
    };
    const before = await resultsFor("views");
    const other = join(run.folder, "other");
    writeDrawnViews(other, COUNT, { id: 1, seed: 9 });
    let after = before;
    const made = await run.newItems(async () => after = await resultsFor("other"));
    assert.deepEqual(made, { prp: ["00001-1"] });
    const facts = factsOf(join(run.folder, "views"));
    factsOf(other).forEach((fact, i) => {
      assert.equal(fact === facts[i], i !== 1);
      assert.equal(after[i].join() === before[i].join(), i !== 1);
    });
  });
});

Deno.test("prototypes are explained in the views that they came from, on request", async () => {
  await inPrpRun(async (run) => {
    const sources = [
      { prototype: 4, sample: 2, name: "c/2.png", view: 1, distance: 0.5 },
      { prototype: 0, sample: 0, name: "a/0.png", view: 2, distance: 0.5 },
      { prototype: 5, sample: 2, name: "c/2.png", view: 1, distance: 0.5 },
    ];
    Deno.writeTextFileSync(join(run.folder, "sources.json"), JSON.stringify(sources));
    const result = await run.run(prpTask({}, { sources: "file:sources.json" }));
    assert.equal(result.code, 0, result.err + result.out);
    const folder = await run.get("prp", "saliency");
    const index = readSaliencyIndex(folder);
    const explained = index.samples.map(({ id, file }) => {
      const { prototypes, views } = readSaliency(folder, file, index);
      return { id, prototypes, views };
    });
    assert.deepEqual(explained, [{ id: 0, prototypes: [0], views: [2] }, {
      id: 2,
      prototypes: [4, 5],
      views: [1, 1],
    }]);
  });
});

Deno.test("sources that are not among the views are refused by name", async () => {
  await inPrpRun(async (run) => {
    Deno.writeTextFileSync(join(run.folder, "sources.json"), '[{"prototype": 4, "sample": 77, "view": 0}]');
    assert.equal((await run.run(prpTask({}, { sources: "file:sources.json" }))).code, 1);
    const { out } = await run.call("log", "views.ts", "prp");
    assert.match(out, /prototype 4 was projected from view 0 of sample 77, which is missing/);
  });
});

Deno.test("more prototypes than the model has are refused", async () => {
  await inPrpRun(async (run) => {
    const { code, out, err } = await run.run(prpTask({ prototypes: 7, limit: 1 }));
    assert.equal(code, 1);
    assert.match(out + err, /k must be from 1 to the number of scores, 6, but is 7/);
  });
});
