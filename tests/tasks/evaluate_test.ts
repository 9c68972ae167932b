/** The kind `evaluate` through the command line: it stores the library's evaluation, of every model. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { evaluationPreset } from "../../lib/evaluate/evaluation_fidelity.ts";
import { readEvaluation } from "../../lib/evaluate/evaluation_file.ts";
import { outcomes } from "../flow/cli.ts";
import { evaluateTiny, K, TINY_BIRDS, writeTinyBirds } from "../evaluate/tiny_birds.ts";
import { inRun } from "./run.ts";

/** The models that see one view, each with the view that it is given here. */
const SINGLE = { protopnet: "object", protopool: "object", pipnet: "image" } as const;

Deno.test("a model is evaluated with the choices of its params, and anew only where one of them changes", async () => {
  await inRun(async (run) => {
    const folders = await writeTinyBirds(run.folder);
    const inputs = {
      data: "birds.data",
      views: "folder:views",
      model: "folder:model",
      saliency: "folder:saliency",
    };
    const birds = { kind: "dataset", params: { name: "birds", birds: TINY_BIRDS } };
    const task = (params: object) => ({ birds, evaluate: { kind: "evaluate", params, inputs } });
    const params = { k: K, batchSize: 4, fidelity: { averaging: "intended" } };
    const result = await run.run(task(params));
    assert.equal(result.code, 0, result.err + result.out);
    const kept = readEvaluation(await run.get("evaluate", "evaluation"));
    const fidelity = { ...evaluationPreset("reference"), averaging: "images" as const };
    assert.deepEqual(kept, await evaluateTiny(folders, { fidelity }));

    assert.deepEqual(outcomes(await run.run(task(params))), { birds: "reused", evaluate: "reused" });
    assert.deepEqual(outcomes(await run.run(task({ ...params, fidelity: "reference" }))), {
      birds: "reused",
      evaluate: "ran",
    });
    const single = await run.run(task({ ...params, k: 1 }));
    assert.equal(single.code, 2);
    assert.match(single.out + single.err, /task evaluate, params\.k: .*given 1/);
  });
});

Deno.test("models of one view are measured from their views and explanations, cropped or not", async () => {
  await inRun(async (run) => {
    const views = (through: string) => ({
      kind: "crop-views",
      params: { split: "test", through, width: 32, height: 32 },
      inputs: { data: "birds.data" },
    });
    const tasks: Record<string, object> = {
      birds: { kind: "dataset", params: { name: "birds", birds: TINY_BIRDS } },
      object: views("object"),
      image: views("image"),
    };
    for (const [model, through] of Object.entries(SINGLE)) {
      const folder = join(run.folder, model);
      Deno.mkdirSync(folder);
      await writeTinyBirds(folder, { model: model as keyof typeof SINGLE, explained: 0 });
      const inputs = { views: `${through}.views`, model: `folder:${model}/model` };
      tasks[`${model}-prp`] = { kind: "prp", params: { prototypes: K, limit: 3 }, inputs };
      tasks[`${model}-evaluate`] = {
        kind: "evaluate",
        params: { k: K, batchSize: 4 },
        inputs: { ...inputs, data: "birds.data", saliency: `${model}-prp.saliency` },
      };
    }
    const result = await run.run(tasks);
    assert.equal(result.code, 0, result.err + result.out);
    for (const model of Object.keys(SINGLE)) {
      const evaluation = readEvaluation(await run.get(`${model}-evaluate`, "evaluation"));
      assert.deepEqual(
        Object.keys(evaluation.omitted),
        model === "pipnet" ? ["Intra PD", "Inter PD"] : [],
      );
      assert.equal(evaluation.explained, 3);
      assert.equal(evaluation.regions, "boxes");
      assert.equal(evaluation.partRemoval!.cases.length, 3 * K);
    }
  });
});
