/** Prototypes in evaluations: their classes and weights, those that are used, and the noise of their selection. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { evaluationPreset } from "../../lib/evaluate/evaluation_fidelity.ts";
import { readEvaluation, writeEvaluation } from "../../lib/evaluate/evaluation_file.ts";
import { LAST_LAYER } from "../../lib/models/prototypes/head.ts";
import { PRESENCE } from "../../lib/models/prototypes/presence.ts";
import { zerosOf } from "../../lib/nn/parameters.ts";
import { float32, type HostTensor } from "../../lib/tensor/host_tensor.ts";
import { evaluateTiny, inTinyBirds } from "./tiny_birds.ts";

const CLASSES = 3;

/** Values that repeat only after `modulus` elements. */
function spread(
  shape: readonly number[],
  modulus: number,
  value: (step: number) => number,
): HostTensor<"float32"> {
  const count = shape.reduce((a, b) => a * b);
  return float32(shape, Array.from({ length: count }, (_, i) => value(i * 7 % modulus)));
}

function close(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-5, `${actual}, not ${expected}`);
}

Deno.test("slots count in compactness, and prototypes have the weights of the slots in which they are present", async () => {
  const [prototypes, slots] = [5, 2];
  // The presence of the last prototype is negative in all slots: after a softmax it is present nevertheless.
  const presence = spread([CLASSES, prototypes, slots], 29, (step) => step / 29 * 2e-3);
  presence.data.forEach((_, i) => {
    if (Math.floor(i / slots) % prototypes === 4) presence.data[i] = -1e-4;
  });
  const last = spread([CLASSES, CLASSES * slots], 17, (step) => step < 4 ? 0 : (step - 8) / 10);
  await inTinyBirds(async (inputs) => {
    const evaluation = await evaluateTiny(inputs, { techniques: ["compactness"] });
    const positive = last.data.filter((weight) => weight > 1e-3).length;
    const negative = last.data.filter((weight) => weight < -1e-3).length;
    assert.equal(evaluation.results["Global Size"], 4);
    close(evaluation.results.Sparsity, 100 * (18 - positive - negative) / 18);
    close(evaluation.results.NPR, negative / positive);

    const share = (owner: number, prototype: number, slot: number) => {
      const of = (p: number) => Math.exp(1000 * presence.data[(owner * prototypes + p) * slots + slot]);
      return of(prototype) / [0, 1, 2, 3, 4].reduce((sum, p) => sum + of(p), 0);
    };
    for (const { prototype, label, weight, classes, isActive } of evaluation.prototypes) {
      const weights = Array.from({ length: CLASSES }, (_, c) => {
        let sum = 0;
        for (let column = 0; column < CLASSES * slots; column++) {
          const [owner, slot] = [Math.floor(column / slots), column % slots];
          sum += last.data[c * CLASSES * slots + column] * share(owner, prototype, slot);
        }
        return sum;
      });
      assert.equal(label, undefined);
      close(weight, Math.max(...weights));
      const order = [0, 1, 2].sort((a, b) => weights[b] - weights[a]).filter((c) => weights[c] > 1e-3);
      assert.deepEqual(classes!.map(({ label }) => label), order);
      classes!.forEach(({ label, weight }) => close(weight, weights[label]));
      assert.equal(isActive, prototype !== 4);
    }
    const intended = await evaluateTiny(inputs, {
      techniques: ["compactness"],
      fidelity: evaluationPreset("intended"),
    });
    assert.equal(intended.results["Global Size"], 5);
    assert.ok(intended.prototypes.every(({ isActive }) => isActive));

    const file = join(inputs.data, "evaluation.json");
    writeEvaluation(file, evaluation);
    assert.deepEqual(readEvaluation(file), evaluation);
  }, {
    model: "protopool",
    explained: 0,
    change: (state) => state.set(PRESENCE, presence).set(LAST_LAYER, last),
  });
});

Deno.test("channels count as prototypes if a class weighs them above 0.001", async () => {
  await inTinyBirds(async (inputs) => {
    const { results, prototypes } = await evaluateTiny(inputs, { techniques: ["compactness"] });
    const used = [0, 1, 2, 3, 4, 5, 6, 7].map((channel) => channel === 2 || channel === 5);
    assert.deepEqual(prototypes.slice(0, 8).map(({ isActive }) => isActive), used);
    assert.equal(results["Global Size"], 2);
    close(results.Sparsity, 100 * (1 - 3 / (CLASSES * prototypes.length)));
    assert.equal(results.NPR, 0);
    assert.deepEqual(prototypes[5].classes, [{ label: 2, weight: 2 }, { label: 0, weight: 1 }]);
    assert.deepEqual(prototypes[0], {
      prototype: 0,
      weight: Math.fround(5e-4),
      classes: [],
      isActive: false,
      occurrences: prototypes[0].occurrences,
    });
  }, {
    model: "pipnet",
    explained: 0,
    change: (state) => {
      const weights = zerosOf(state.get(LAST_LAYER)!.shape);
      const [, count] = weights.shape;
      weights.data[0] = 5e-4;
      weights.data[2] = 0.5;
      weights.data[5] = 1;
      weights.data[2 * count + 5] = 2;
      state.set(LAST_LAYER, weights);
    },
  });
});

Deno.test("prototypes of one class keep it", async () => {
  await inTinyBirds(async (inputs) => {
    const { prototypes } = await evaluateTiny(inputs, { techniques: ["compactness"] });
    assert.deepEqual(prototypes.map(({ label }) => label), [0, 0, 1, 1, 2, 2]);
    assert.ok(prototypes.every(({ classes, weight }) => classes === undefined && weight > 0));
  }, { model: "protopnet", explained: 0 });
});

Deno.test("noise is the same in each evaluation, for explained images too, and absent as intended", async () => {
  await inTinyBirds(async (inputs) => {
    const classesOf = async (choice: "reference" | "intended", saliency: string | undefined) => {
      const fidelity = { ...evaluationPreset("reference"), evaluation_noise: choice };
      const { samples } = await evaluateTiny({ ...inputs, saliency }, { techniques: ["general"], fidelity });
      return samples.map(({ classes }) => classes);
    };
    const noisy = await classesOf("reference", inputs.saliency);
    const quiet = await classesOf("intended", inputs.saliency);
    assert.deepEqual(await classesOf("reference", undefined), noisy);
    assert.deepEqual(await classesOf("intended", undefined), quiet);
    noisy.forEach((classes, i) => assert.notDeepEqual(classes, quiet[i]));
  }, {
    model: "protopool",
    // Without noise all prototypes are equally present.
    change: (state) => state.set(PRESENCE, zerosOf(state.get(PRESENCE)!.shape)),
    explained: 2,
  });
});
