/** The kind `evaluate` through the command line: what it keeps is the library's evaluation, to the bit. */

import assert from "node:assert/strict";
import { evaluationPreset } from "../../lib/evaluate/evaluation_fidelity.ts";
import { readEvaluation } from "../../lib/evaluate/evaluation_file.ts";
import { outcomes } from "../flow/cli.ts";
import { evaluateTiny, K, TINY_BIRDS, writeTinyBirds } from "../evaluate/tiny_birds.ts";
import { inRun } from "./run.ts";

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
