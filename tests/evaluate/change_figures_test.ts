/** Figures of changed images: against the model's answers to images that are changed in the same way. */

import assert from "node:assert/strict";
import { readViewsIndex, type ViewedSample, viewPixelsOf } from "../../lib/data/views/views_file.ts";
import { withNoise } from "../../lib/evaluate/completeness_figures.ts";
import { changedViews } from "../../lib/evaluate/continuity_figures.ts";
import type { EvaluationInputs } from "../../lib/evaluate/evaluate_model.ts";
import { evaluationPreset } from "../../lib/evaluate/evaluation_fidelity.ts";
import { distinctViews, normalizedViews } from "../../lib/explain/explained_images.ts";
import type { ImageSimilarity } from "../../lib/explain/explainer.ts";
import { readSaliency, readSaliencyIndex } from "../../lib/explain/saliency_files.ts";
import { meanOf } from "../../lib/metrics/image_values.ts";
import type { HostTensor } from "../../lib/tensor/host_tensor.ts";
import { IMAGENET } from "../../lib/vision/normalize.ts";
import type { Image } from "../../lib/vision/image.ts";
import { evaluateTiny, explainerOf, inTinyBirds, K } from "./tiny_birds.ts";

const SIDE = 32;

function close(actual: number, expected: number): void {
  assert.ok(
    Math.abs(actual - expected) < 1e-4 * Math.max(1, Math.abs(expected)),
    `${actual}, not ${expected}`,
  );
}

/** Gives `body` the views of the first image, and a function that answers to pixels in their place. */
async function withFirst(
  { model, views }: EvaluationInputs,
  body: (
    sample: ViewedSample,
    images: Image[],
    answer: (x: HostTensor<"float32">) => Promise<ImageSimilarity>,
  ) => Promise<void>,
): Promise<void> {
  const index = readViewsIndex(views);
  const pixels = viewPixelsOf(views, index);
  const explainer = explainerOf(model);
  const [sample] = index.samples;
  await body(sample, distinctViews(sample, index, pixels), (x) => explainer.similarities(x, sample.id));
  pixels.close();
  await explainer.release();
}

/** The highest similarity of each prototype. */
function scoresOf({ similarities: { shape: [count, views], data } }: ImageSimilarity): number[] {
  return Array.from({ length: count }, (_, p) => Math.max(...data.subarray(p * views, (p + 1) * views)));
}

const descending = (values: ArrayLike<number>) => Array.from(values).sort((a, b) => b - a);

for (const model of ["protopnet", "pipnet", "protomask"] as const) {
  Deno.test(`continuity of ${model}: scores, ranks and logits before and after a change of colours`, async () => {
    await inTinyBirds(async (inputs) => {
      const { samples, results, omitted } = await evaluateTiny(inputs, {
        techniques: ["continuity"],
        fidelity: evaluationPreset("intended"),
      });
      // Explanations may point at no part, neither before nor after.
      const isStable = "Continuity Stability" in results;
      assert.deepEqual(Object.keys(omitted), isStable ? [] : ["Continuity Stability"]);
      assert.deepEqual(
        Object.keys({ ...results, ...omitted }),
        ["VLC", "VAC", "PLC", "PSC", "PRC", "PALC", "PAC", "CAC", "CRC", "Stability"]
          .map((name) => `Continuity ${name}`),
      );
      await withFirst(inputs, async (sample, images, answer) => {
        const before = await answer(normalizedViews(images, IMAGENET));
        const changed = await changedViews(images, sample.id);
        assert.ok(changed.some((image, i) => image.data.some((level, at) => level !== images[i].data[at])));
        const after = await answer(normalizedViews(changed, IMAGENET));
        const [old, now] = [before, after].map(scoresOf);
        const top = samples[0].top.map(({ prototype }) => prototype);
        const { values } = samples[0];
        close(values["Continuity PSC"], 100 * meanOf(top.map((p) => Math.abs(old[p] - now[p]) / old[p])));
        const ranks = top.map((p, rank) => Math.abs(now.filter((score) => score > now[p]).length - rank));
        close(values["Continuity PRC"], meanOf(ranks));
        const logits = [before, after].map(({ logits }) => descending(logits.data));
        const sumOf = (of: (...pair: number[]) => number) =>
          logits[0].reduce((sum, logit, i) => sum + of(logit, logits[1][i]), 0);
        close(values["Continuity CAC"], 100 * (1 - sumOf(Math.min) / sumOf(Math.max)));
        const best = before.logits.data.indexOf(logits[0][0]);
        close(values["Continuity CRC"], logits[1].indexOf(after.logits.data[best]));
      });
    }, { model, explained: 2 });
  });
}

Deno.test("the reference's continuity shows a model of several views the same image twice", async () => {
  await inTinyBirds(async (inputs) => {
    const { results } = await evaluateTiny(inputs, { techniques: ["continuity"] });
    for (const [name, value] of Object.entries(results)) {
      close(value, name === "Continuity Stability" ? 100 : 0);
    }
    const { omitted } = await evaluateTiny(inputs, { techniques: ["output-completeness"] });
    assert.match(omitted.Completeness, /models that see one view/);
    const none = await evaluateTiny({ ...inputs, saliency: undefined }, { techniques: ["continuity"] });
    assert.equal(none.omitted["Continuity VLC"], "no image was explained");
  }, { explained: 1 });
});

Deno.test("output completeness: noise outside the box of a prototype's pixels changes its score", async () => {
  await inTinyBirds(async (inputs) => {
    const { samples, results } = await evaluateTiny(inputs, {
      techniques: ["output-completeness"],
      batchSize: 2,
    });
    assert.deepEqual(
      Object.keys(results),
      ["VLC", "VAC", "PLC", "PSC", "PRC", "PALC", "PAC"].map((name) => `Completeness ${name}`),
    );
    await withFirst(inputs, async (sample, images, answer) => {
      const x = normalizedViews(images, IMAGENET);
      const old = scoresOf(await answer(x));
      const index = readSaliencyIndex(inputs.saliency!);
      const { data } = readSaliency(inputs.saliency!, index.samples[0].file, index).maps;
      const changes: number[] = [];
      for (const [rank, { prototype }] of samples[0].top.entries()) {
        const map = data.subarray(rank * SIDE ** 2, (rank + 1) * SIDE ** 2);
        const inMask = [...map.keys()].sort((a, b) => map[b] - map[a]).slice(0, 52);
        const [xs, ys] = [inMask.map((at) => at % SIDE), inMask.map((at) => Math.floor(at / SIDE))];
        const [left, top, right, bottom] = [
          Math.min(...xs),
          Math.min(...ys),
          Math.max(...xs),
          Math.max(...ys),
        ];
        const noisy = withNoise(x, [left, top, right, bottom], sample.id, rank);
        noisy.data.forEach((value, at) => {
          const [column, row] = [at % SIDE, Math.floor(at / SIDE) % SIDE];
          const inside = column >= left && column <= right && row >= top && row <= bottom;
          assert.equal(value === x.data[at], inside);
        });
        const now = scoresOf(await answer(noisy));
        changes.push(Math.abs(old[prototype] - now[prototype]) / old[prototype]);
      }
      assert.equal(changes.length, K);
      close(samples[0].values["Completeness PSC"], 100 * meanOf(changes));
    });
  }, { model: "protopnet", explained: 3 });
});
