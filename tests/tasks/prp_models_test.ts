/** The kind `prp` through the command line, for models that see one view of each image and compare its positions. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { readViewsIndex, viewPixelsOf } from "../../lib/data/views/views_file.ts";
import { viewsFileOf } from "../data/views/write_views.ts";
import { explainedModel } from "../../lib/explain/explained_model.ts";
import { normalizedRows } from "../../lib/explain/explained_images.ts";
import { Explainer, type ImageSimilarity } from "../../lib/explain/explainer.ts";
import type { SaliencyMethod } from "../../lib/explain/methods.ts";
import {
  type ImageSaliency,
  readSaliency,
  readSaliencyIndex,
  type SaliencyIndex,
} from "../../lib/explain/saliency_files.ts";
import { essentialMap } from "../../lib/explain/sparse_maps.ts";
import { upscaleMaps } from "../../lib/explain/upscale.ts";
import { spatialMaxima, topIndices } from "../../lib/metrics/selection.ts";
import { readModel, writeModel } from "../../lib/models/model_folder.ts";
import type { ModelName } from "../../lib/models/models.ts";
import { PRESENCE } from "../../lib/models/prototypes/presence.ts";
import { zerosOf } from "../../lib/nn/parameters.ts";
import type { HostTensor } from "../../lib/tensor/host_tensor.ts";
import { takeRows } from "../../lib/tensor/take_rows.ts";
import { IMAGENET } from "../../lib/vision/normalize.ts";
import { SIZE, writeDrawnCrops, writeDrawnModel, writeDrawnViews } from "../explain/drawn_views.ts";
import { inRun, type Run } from "./run.ts";

type Floats = HostTensor<"float32">;

const COUNT = 2;
const K = 3;
const MODELS: readonly ModelName[] = ["protopnet", "protopool", "pipnet"];

async function inRunOf(model: ModelName, body: (run: Run) => Promise<void>): Promise<void> {
  await inRun(async (run) => {
    writeDrawnModel(join(run.folder, "model"), model);
    writeDrawnCrops(join(run.folder, "views"), COUNT);
    await body(run);
  });
}

function prpTask(params: object, inputs: object = {}) {
  return {
    prp: { kind: "prp", params, inputs: { model: "folder:model", views: "folder:views", ...inputs } },
  };
}

/** The saliency of all images that a task with these params and inputs makes. */
async function saliencyOf(
  run: Run,
  params: object,
  inputs: object = {},
): Promise<{ index: SaliencyIndex; images: ImageSaliency[] }> {
  const result = await run.run(prpTask(params, inputs));
  assert.equal(result.code, 0, result.err + result.out);
  const folder = await run.get("prp", "saliency");
  const index = readSaliencyIndex(folder);
  return { index, images: index.samples.map(({ file }) => readSaliency(folder, file, index)) };
}

/** Gives `body` the explainer of the run's model, with each image's pixels and similarity. */
async function withExplainer(
  run: Run,
  method: SaliencyMethod,
  body: (image: number, explainer: Explainer, x: Floats, similarity: ImageSimilarity) => Promise<void>,
): Promise<void> {
  const explainer = new Explainer(explainedModel(readModel(join(run.folder, "model"))), { method, seed: 4 });
  const views = readViewsIndex(join(run.folder, "views"));
  const pixels = viewPixelsOf(join(run.folder, "views"), views);
  for (const [image, sample] of views.samples.entries()) {
    const x = normalizedRows(sample, views, pixels, IMAGENET);
    await body(image, explainer, x, await explainer.similarities(x, sample.id));
  }
  pixels.close();
  await explainer.release();
}

/** What is stored of maps, which has no zeros below 0. */
function essential(maps: Floats): Float32Array[] {
  return rowsOf(maps).map((map) => essentialMap(map, 95).map((value) => value + 0));
}

function rowsOf(maps: Floats): Float32Array[] {
  return Array.from({ length: maps.shape[0] }, (_, i) => takeRows(maps, [i]).data as Float32Array);
}

for (const model of MODELS) {
  for (const method of ["prp", "upscale"] as const) {
    Deno.test(`${model} is explained by ${method} in the frame of the view that it sees`, async () => {
      await inRunOf(model, async (run) => {
        const { index, images } = await saliencyOf(run, { method, prototypes: K, seed: 4 });
        assert.equal(index.method, method);
        assert.equal(index.frame, "view");
        assert.equal(index.seed, 4);
        await withExplainer(run, method, async (image, explainer, x, similarity) => {
          const found = images[image];
          // The score of a prototype is the largest similarity of a position.
          const scores = spatialMaxima(similarity.maps).data;
          const top = topIndices(scores, K);
          assert.deepEqual(found.prototypes, [...top]);
          assert.deepEqual(found.similarities, [...top].map((prototype) => scores[prototype]));
          assert.deepEqual(found.views, [0, 0, 0]);
          assert.deepEqual(found.logits, similarity.logits);
          const maps = method === "prp"
            ? await explainer.relevance(
              x,
              [...top].map((prototype) => ({ prototype, view: 0 })),
              "reference",
            )
            : upscaleMaps(takeRows(similarity.maps, [...top]), SIZE, SIZE);
          assert.deepEqual(rowsOf(found.maps), essential(maps));
          assert.deepEqual(found.viewMaps, found.maps);
          assert.ok(rowsOf(found.maps).every((map) => map.some((value) => value > 0)));
        });
      });
    });
  }
}

Deno.test("noise in ProtoPool's logits depends on the image and the seed, and not at all as intended", async () => {
  await inRunOf("protopool", async (run) => {
    // All prototypes are equally present without noise, which would hardly matter otherwise.
    const folder = join(run.folder, "model");
    const { description, state } = readModel(folder);
    writeModel(folder, description, state.set(PRESENCE, zerosOf(state.get(PRESENCE)!.shape)));
    // Equal pixels: only the ids differ.
    const views = join(run.folder, "views");
    const [one, other] = readViewsIndex(views).samples.map((sample) => viewsFileOf(views, sample));
    Deno.copyFileSync(one, other);
    const logits = async (params: object) => {
      const { images } = await saliencyOf(run, { prototypes: 1, ...params });
      assert.deepEqual(images[0].maps, images[1].maps);
      return images.map((image) => [...image.logits.data]);
    };
    const [first, second] = await logits({ seed: 1 });
    assert.notDeepEqual(first, second);
    assert.notDeepEqual((await logits({ seed: 2 }))[0], first);
    const intended = await logits({ seed: 1, fidelity: "intended" });
    assert.deepEqual(intended[0], intended[1]);
    assert.deepEqual(await logits({ seed: 2, fidelity: { evaluation_noise: "intended" } }), intended);
  });
});

Deno.test("a model of channels is explained in the images that its prototypes come from, many in one image", async () => {
  await inRunOf("pipnet", async (run) => {
    const prototypes = Array.from({ length: 11 }, (_, i) => 2 * i);
    const list = prototypes.map((prototype) => ({ prototype, sample: 1, view: 0, position: [0, 0] }));
    Deno.writeTextFileSync(join(run.folder, "sources.json"), JSON.stringify(list));
    const { index, images: [found] } = await saliencyOf(run, {}, { sources: "file:sources.json" });
    assert.deepEqual(index.samples.map(({ id }) => id), [1]);
    assert.deepEqual(found.prototypes, prototypes);
    await withExplainer(run, "prp", async (image, explainer, x) => {
      if (image !== 1) return;
      const maps = await explainer.relevance(
        x,
        prototypes.map((prototype) => ({ prototype, view: 0 })),
        "reference",
      );
      assert.deepEqual(rowsOf(found.maps), essential(maps));
      // Each map is the one that is found alone, also where there are too many for one program.
      for (const i of [0, 10]) {
        const alone = await explainer.relevance(x, [{ prototype: prototypes[i], view: 0 }], "reference");
        const together = rowsOf(maps)[i];
        const scale = Math.max(...together);
        alone.data.forEach((value, at) => assert.ok(Math.abs(value - together[at]) <= 1e-4 * scale));
      }
    });
  });
});

Deno.test("a method that can't explain a model is refused with those that can", async () => {
  const refused = async (run: Run, params: object, inputs: object, message: RegExp) => {
    assert.equal((await run.run(prpTask(params, inputs))).code, 1);
    assert.match((await run.call("log", "views.ts", "prp")).out, message);
  };
  await inRunOf("protopnet", async (run) => {
    const inputs = { data: "folder:views", masks: "folder:views" };
    await refused(run, { method: "mask" }, inputs, /"mask" can't explain protopnet.*use prp or upscale/);
  });
  await inRun(async (run) => {
    writeDrawnModel(join(run.folder, "model"));
    writeDrawnViews(join(run.folder, "views"), COUNT);
    await refused(run, { method: "upscale" }, {}, /"upscale" can't explain protomask.*use prp or mask/);
  });
});
