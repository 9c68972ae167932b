/** Photographs classified by each of the models, and photographs that can't be. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { DEFAULT_BIRDS } from "../../lib/data/birds/bird_spec.ts";
import { writeBirds } from "../../lib/data/birds/write_birds.ts";
import { readCub200 } from "../../lib/data/cub200.ts";
import { contributions } from "../../lib/evaluate/decisions.ts";
import { normalizedViews } from "../../lib/explain/explained_images.ts";
import { exportedProgram } from "../../lib/export/exported_program.ts";
import type { LoadedModel } from "../../lib/models/model_folder.ts";
import { EMPTY_GALLERY } from "../../lib/predict/gallery.ts";
import { PhotographError } from "../../lib/predict/photograph_views.ts";
import { Predictor } from "../../lib/predict/predictor.ts";
import { checkedRecipe, type ModelRecipe } from "../../lib/predict/recipe.ts";
import { openSession } from "../../lib/runtime/session.ts";
import { image } from "../../lib/vision/image.ts";
import { encodePng } from "../../lib/vision/encode.ts";
import { float32 } from "../../lib/tensor/host_tensor.ts";
import { CASES, randomModel, SIZE } from "../export/random_models.ts";

async function inBirds(body: (photograph: string, folder: string) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync();
  try {
    writeBirds(folder, { ...DEFAULT_BIRDS, classes: 2, trainPerClass: 1, testPerClass: 0, size: 96 });
    await body(readCub200(folder).samples[0].path, folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

function recipeOf(through: ModelRecipe["views"]["through"], views: number): ModelRecipe {
  return checkedRecipe(
    {
      workflow: "test",
      task: "test",
      orientation: "as-stored",
      ...(through === "masks" && { masks: { method: { name: "contour" }, files: {} } }),
      views: {
        through,
        ...(through === "masks" && { numMasks: views }),
        width: SIZE,
        height: SIZE,
        fill: "original",
        minBoxShare: 0,
        crop: true,
        fidelity: "reference",
      },
      relevance: "intended",
    } as { [Field in keyof ModelRecipe]: unknown },
  );
}

async function predictorOf(loaded: LoadedModel, recipe: ModelRecipe): Promise<Predictor> {
  const log = (message: string) => assert.fail(message);
  return await Predictor.open({ loaded, recipe, maskFiles: {}, gallery: EMPTY_GALLERY }, {}, log);
}

Deno.test("each model's logits of a photograph are those of its program, and the decision adds up to them", async () => {
  await inBirds(async (photograph) => {
    for (const [name, { sizes, views }] of Object.entries(CASES)) {
      const loaded = randomModel(name, sizes, views);
      const predictor = await predictorOf(loaded, recipeOf(name === "protomask" ? "masks" : "image", views));
      const found = await predictor.predict(photograph, "a bird", { maps: true });
      await predictor.release();
      const distinct = [...new Set(found.sample.views)];
      const repeated = found.sample.views.map((row) => found.views[distinct.indexOf(row)]);
      const { shape, data } = normalizedViews(repeated, loaded.description.colors);
      const program = exportedProgram(loaded, 1);
      const session = await openSession(program);
      const weights = Object.fromEntries([...loaded.state].filter(([input]) => program.inputs.has(input)));
      const x = float32(name === "protomask" ? [1, ...shape] : shape, data);
      const { logits } = await session.run({ ...weights, x });
      await session.release();
      for (const { label, logit } of found.classes) {
        // The network of explanations has its batch norms in its convolutions.
        assert.ok(
          Math.abs(logit - Number(logits.data[label])) < 1e-3,
          `${name}: ${logit}, ${logits.data[label]}`,
        );
      }
      const { decision } = found;
      assert.ok(decision);
      [found.classes[0], found.classes[1]].forEach(({ logit }, which) => {
        const { sum } = contributions(decision, which as 0 | 1);
        assert.ok(Math.abs(sum - logit) <= 1e-4 * Math.max(1, Math.abs(logit)), name);
      });
      assert.deepEqual([...found.maps.keys()], decision.prototypes.map(({ prototype }) => prototype), name);
    }
  });
});

Deno.test("a box chooses what a model of crops sees, and one outside of the photograph is refused", async () => {
  await inBirds(async (photograph) => {
    const predictor = await predictorOf(randomModel("pipnet", {}, 1), recipeOf("object", 1));
    assert.ok(predictor.needsBox);
    const whole = await predictor.predict(photograph, "a bird");
    assert.deepEqual(whole.sample.rows[0].rectangle, { left: 0, top: 0, width: 96, height: 96 });
    const { sample } = await predictor.predict(photograph, "a bird", { box: [10, 20, 50, 60] });
    assert.deepEqual(sample.rows[0].rectangle, { left: 10, top: 20, width: 40, height: 40 });
    for (const box of [[96, 0, 120, 20], [20, 20, 20, 40]] as const) {
      await assert.rejects(predictor.predict(photograph, "a bird", { box }), PhotographError);
    }
    await predictor.release();
  });
});

Deno.test("a photograph without a mask is refused", async () => {
  await inBirds(async (_, folder) => {
    // Masks at most two pixels wide are left out.
    const plain = image(2, 40, "RGB");
    plain.data.fill(120);
    const path = join(folder, "narrow.png");
    Deno.writeFileSync(path, await encodePng(plain));
    const { sizes, views } = CASES.protomask;
    const predictor = await predictorOf(randomModel("protomask", sizes, views), recipeOf("masks", views));
    await assert.rejects(predictor.predict(path, "narrow"), PhotographError);
    await predictor.release();
  });
});
