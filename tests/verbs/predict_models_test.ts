/** `predict` agrees with `evaluate` for ProtoPNet and ProtoPool, trained on crops of drawn birds and on whole images. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { readEvaluation } from "../../lib/evaluate/evaluation_file.ts";
import { inRun } from "../tasks/run.ts";
import { assertAgrees, BACKBONE, evaluationTask, testPhotographs, viewTasks } from "./agreement.ts";

const phase = { seed: 1, epochs: 1, batchSize: 3, accumulateBatches: 1 };
const SIZES = {
  protopnet: { prototypesPerClass: 2, depth: 8 },
  protopool: { prototypes: 5, slots: 2, depth: 8 },
};

/** The three phases; ProtoPNet's prototypes are projected, ProtoPool's are not. */
function training(name: keyof typeof SIZES, through: string) {
  const [model, id, views] = [{ name }, `${name}-${through}`, `${through}-train.views`];
  const projected = name === "protopnet";
  return {
    [`${id}-start`]: {
      kind: "warm-up",
      params: { ...phase, model: { name, ...SIZES[name] }, backbone: BACKBONE },
      inputs: { views },
    },
    [`${id}-joint`]: {
      kind: "joint",
      params: { ...phase, model },
      inputs: { state: `${id}-start.state`, views },
    },
    ...(projected && {
      [`${id}-project`]: { kind: "project", inputs: { state: `${id}-joint.state`, views } },
    }),
    [`${id}-tune`]: {
      kind: "fine-tune",
      params: { ...phase, model },
      inputs: { state: `${id}-${projected ? "project" : "joint"}.state`, views },
    },
    [`${id}-images`]: {
      kind: "prototype-images",
      params: { images: 1 },
      inputs: { model: `${id}-tune.model`, views },
    },
    [`${id}-evaluate`]: evaluationTask(`${through}-test`, `${id}-tune`),
  };
}

const TASKS = {
  data: {
    kind: "dataset",
    params: { name: "birds", birds: { classes: 3, trainPerClass: 2, testPerClass: 1, size: 64 } },
  },
  ...viewTasks("object", { through: "object" }, {}),
  ...viewTasks("image", { through: "image" }, {}),
  ...training("protopnet", "object"),
  ...training("protopnet", "image"),
  ...training("protopool", "object"),
  ...training("protopool", "image"),
};

Deno.test("predict agrees with evaluate for ProtoPNet and ProtoPool, on crops and on whole images", async (t) => {
  await inRun(async (run) => {
    const { code, out, err } = await run.run(TASKS);
    assert.equal(code, 0, err + out);
    const { folder, tests } = await testPhotographs(run);
    for (const name of Object.keys(SIZES)) {
      for (const through of ["image", "object"]) {
        await t.step(`${name}, ${through}`, async () => {
          const evaluation = readEvaluation(await run.get(`${name}-${through}-evaluate`, "evaluation"));
          const model = `views.ts:${name}-${through}-tune`;
          const [{ id, box }] = tests;
          const [ids, ...args] = through === "image"
            ? [tests.map((test) => test.id), folder]
            : [[id], join(folder, `${id}.png`), "--box", box!.join()];
          const { code, err, events } = await run.call("predict", model, ...args, "--json");
          assert.equal(code, 0, err);
          assertAgrees(events, ids, evaluation);
          assert.match(events[0].decision.prototypes[0].image, /train/);
        });
      }
    }
  });
});
