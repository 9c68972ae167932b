/** The contributions of prototypes add up to the logits of every image, for every model, computed in the network. */

import assert from "node:assert/strict";
import { contributions } from "../../lib/evaluate/decisions.ts";
import { evaluationPreset } from "../../lib/evaluate/evaluation_fidelity.ts";
import { readViewsIndex, viewPixelsOf } from "../../lib/data/views/views_file.ts";
import { normalizedRows } from "../../lib/explain/explained_images.ts";
import { explainedModel } from "../../lib/explain/explained_model.ts";
import { Explainer } from "../../lib/explain/explainer.ts";
import { readModel } from "../../lib/models/model_folder.ts";
import { LAST_LAYER } from "../../lib/models/prototypes/head.ts";
import { PRESENCE } from "../../lib/models/prototypes/presence.ts";
import { MODELS } from "../../lib/models/model_list.ts";
import { float32, type HostTensor } from "../../lib/tensor/host_tensor.ts";
import { RandomStream } from "../../lib/tensor/random.ts";
import { IMAGENET } from "../../lib/vision/normalize.ts";
import { evaluateTiny, inTinyBirds } from "./tiny_birds.ts";

/** Weights of both signs, and slots that select by small differences, so that noise decides. */
function unlike(state: Map<string, HostTensor>): void {
  for (const [name, scale] of [[LAST_LAYER, 2], [PRESENCE, 0.01]] as const) {
    const found = state.get(name);
    if (!found) continue;
    const data = new Float32Array(found.data.length);
    new RandomStream({ seed: 1, purpose: name, epoch: 0, index: 0 }).fillUniform(data);
    state.set(name, float32(found.shape, data.map((value) => scale * (value - 0.4))));
  }
}

for (const { name: model } of MODELS) {
  for (const noise of ["reference", "intended"] as const) {
    if (noise === "intended" && model !== "protopool") continue;
    Deno.test(`contributions add up to the logits of the network of ${model} (noise: ${noise})`, async () => {
      await inTinyBirds(async (inputs) => {
        const fidelity = { ...evaluationPreset("intended"), evaluation_noise: noise };
        const { samples, omitted } = await evaluateTiny(inputs, { fidelity });
        assert.equal(omitted.decisions, undefined);
        const loaded = readModel(inputs.model, { fidelity });
        const explainer = new Explainer(explainedModel(loaded), { method: "prp" });
        const index = readViewsIndex(inputs.views);
        const pixels = viewPixelsOf(inputs.views, index);
        for (const [i, { id, label, classes, decision }] of samples.entries()) {
          const x = normalizedRows(index.samples[i], index, pixels, IMAGENET);
          const { logits } = await explainer.similarities(x, id);
          const { against, logits: shown, prototypes } = decision!;
          assert.equal(against, classes[0].label === label ? classes[1].label : label);
          for (const which of [0, 1] as const) {
            const logit = logits.data[[classes[0].label, against][which]];
            assert.ok(Math.abs(shown[which] - logit) < 1e-4, `${shown[which]}, not ${logit}`);
            const { sum } = contributions(decision!, which);
            assert.ok(Math.abs(sum - logit) < 1e-4, `${sum}, not ${logit}`);
          }
          const gaps = prototypes.map(({ score, weights: [own, other] }) => Math.abs(score * (own - other)));
          assert.deepEqual([...gaps].sort((a, b) => b - a), gaps, "what decides most comes first");
          if (model === "pipnet") assert.ok(prototypes.every(({ weights }) => Math.min(...weights) >= 0));
          assert.equal(prototypes.every(({ cell }) => cell !== undefined), model !== "protomask");
        }
        assert.ok(samples.some(({ isCorrect }) => !isCorrect), "some are wrong");
        pixels.close();
        await explainer.release();
      }, { model, change: unlike });
    });
  }
}
