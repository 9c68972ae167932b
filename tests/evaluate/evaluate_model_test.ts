/** Evaluations of a model: figures against the images behind them, and what is left out where something is missing. */

import assert from "node:assert/strict";
import { finiteFigures } from "../../lib/evaluate/answer_facts.ts";
import { join } from "node:path";
import { readViewsIndex, viewPixelsOf } from "../../lib/data/views/views_file.ts";
import { normalizedRows } from "../../lib/explain/explained_images.ts";
import { IMAGENET } from "../../lib/vision/normalize.ts";
import { readDataSetIndex } from "../../lib/data/data_set_index.ts";
import { evaluationPreset } from "../../lib/evaluate/evaluation_fidelity.ts";
import { meanOf } from "../../lib/metrics/image_values.ts";
import {
  EXPLANATION_COLUMNS,
  PERFORMANCE_COLUMNS,
  readEvaluation,
  writeEvaluation,
} from "../../lib/evaluate/evaluation_file.ts";
import { evaluateTiny, explainerOf, inTinyBirds, K } from "./tiny_birds.ts";

const COLUMNS = [...PERFORMANCE_COLUMNS, ...EXPLANATION_COLUMNS];

function close(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual}, not ${expected}`);
}

/** Changes `dataset.json` of a folder. */
function changeIndex(folder: string, change: (index: ReturnType<typeof readDataSetIndex>) => void): void {
  const index = readDataSetIndex(folder);
  change(index);
  Deno.writeTextFileSync(join(folder, "dataset.json"), JSON.stringify(index));
}

Deno.test("every figure of both tables is there, and is what its images say", async () => {
  await inTinyBirds(async (inputs) => {
    const evaluation = await evaluateTiny(inputs);
    const { results, samples, prototypes } = evaluation;
    assert.deepEqual(Object.keys(results).sort(), [...COLUMNS].sort());
    assert.deepEqual(evaluation.omitted, {});
    assert.equal(evaluation.explained, 6);

    const recalls = [0, 1, 2].map((label) =>
      meanOf(samples.filter((sample) => sample.label === label).map(({ isCorrect }) => Number(isCorrect)))
    );
    close(results.Accuracy, 100 * meanOf(recalls));
    for (const { classes, label, isCorrect, isInTop3 } of samples) {
      assert.equal(classes[0].label === label, isCorrect);
      assert.equal(isInTop3, true, "there are three classes");
      assert.deepEqual([...classes].sort((a, b) => b.logit - a.logit), classes);
    }
    assert.equal(results["top-3 Accuracy"], 100);
    for (const name of ["VLC", "Intra PD", "Object Overlap", "Background Overlap", "IOR"]) {
      const values = samples.map(({ values }) => values[name]);
      // Batches of four and two images.
      close(results[name], (meanOf(values.slice(0, 4)) + meanOf(values.slice(4))) / 2);
    }
    const byClass = [0, 1, 2].map((label) =>
      meanOf(samples.filter((sample) => sample.label === label).map(({ values }) => values["Inter PD"]))
    );
    close(results["Inter PD"], meanOf(byClass));
    const occurring = prototypes.filter(({ occurrences }) => occurrences > 0);
    assert.equal(occurring.reduce((sum, { occurrences }) => sum + occurrences, 0), 6 * K);
    close(results.Consistency, meanOf(occurring.map(({ consistency }) => consistency!)));
    assert.deepEqual(prototypes.map(({ label }) => label), [0, 0, 1, 1, 2, 2]);
    assert.equal(prototypes.filter(({ isActive }) => isActive).length, results["Global Size"]);

    const file = join(inputs.data, "evaluation.json");
    writeEvaluation(file, { ...evaluation, results: { ...results, NPR: Infinity, VLC: NaN } });
    assert.deepEqual(readEvaluation(file), {
      ...evaluation,
      results: { ...results, NPR: Infinity, VLC: NaN },
    });
    Deno.writeTextFileSync(file, "{}");
    assert.throws(() => readEvaluation(file), /evaluation\.json: format/);
  });
});

Deno.test("means of images instead of batches, and masks instead of truncated maps, are choices by flaw", async () => {
  await inTinyBirds(async (inputs) => {
    const { results, samples } = await evaluateTiny(inputs, { fidelity: evaluationPreset("intended") });
    close(results["Object Overlap"], meanOf(samples.map(({ values }) => values["Object Overlap"])));
    const { results: reference } = await evaluateTiny(inputs);
    assert.notEqual(results.Consistency, reference.Consistency);
  });
});

Deno.test("all figures are those of the tables and more, each of the same value where it is in both", async () => {
  await inTinyBirds(async (inputs) => {
    const all = await evaluateTiny(inputs, { figures: "all" });
    const tables = await evaluateTiny(inputs);
    assert.deepEqual(all.results, { ...all.results, ...tables.results });
    const further: Record<string, unknown> = { ...all.results, ...all.omitted };
    for (const name of Object.keys(tables.results)) delete further[name];
    const [general, others] = [["Precision", "ROC AUC", "Recall"], ["Local Size", "OIRR", "PALC", "PLC"]];
    assert.deepEqual(Object.keys(further).sort(), ["IOU", ...general, ...others, "entropy"].sort());
    // The mean of the recalls is the balanced accuracy, where all classes are present.
    close(all.results.Recall, all.results.Accuracy);
    for (const { values } of all.samples.slice(0, 2)) assert.ok(values.IOU <= values["Object Overlap"]);

    const index = readViewsIndex(inputs.views);
    const pixels = viewPixelsOf(inputs.views, index);
    const explainer = explainerOf(inputs.model);
    const [sample] = index.samples;
    const { similarities: { shape: [count, rows], data } } = await explainer.similarities(
      normalizedRows(sample, index, pixels, IMAGENET),
      sample.id,
    );
    const scores = Array.from({ length: count }, (_, p) => data.subarray(p * rows, (p + 1) * rows));
    const highest = Math.max(...data);
    const { values, top } = all.samples[0];
    assert.equal(values["Local Size"], scores.filter((views) => Math.max(...views) / highest > 0.1).length);
    // The views of a prototype lie in one column: the reference's row of view v is ⌊v / V⌋, its column v mod V.
    const peaks = top.map(({ view }) => view);
    const distances = peaks.flatMap((a, i) => peaks.filter((_, j) => j !== i).map((b) => Math.abs(a - b)));
    close(values.PLC, meanOf(distances));
    pixels.close();
    await explainer.release();
  }, { explained: 2 });
});

Deno.test("figures without masks, parts or drawn images are left out with the reason", async () => {
  await inTinyBirds(async (inputs) => {
    changeIndex(inputs.data, (index) => {
      for (const sample of index.samples) {
        delete sample.segmentation;
        sample.parts = [];
      }
      index.partNames = {};
    });
    Deno.removeSync(join(inputs.data, "birds.json"));
    const { results, omitted, partRemoval } = await evaluateTiny(inputs);
    const overlap = "6 of the 6 images have no mask of their object";
    assert.deepEqual(omitted, {
      "Object Overlap": overlap,
      "Background Overlap": overlap,
      "IOR": overlap,
      "Consistency": "the data set has no names of parts",
      "part removal": "parts can only be removed from drawn birds (the data set birds)",
    });
    assert.deepEqual(Object.keys(results).sort(), COLUMNS.filter((name) => !(name in omitted)).sort());
    assert.equal(partRemoval, undefined);
  });
});

Deno.test("consistency needs no masks of objects", async () => {
  await inTinyBirds(async (inputs) => {
    const { results: { Consistency: withMasks } } = await evaluateTiny(inputs);
    changeIndex(inputs.data, (index) => index.samples.forEach((sample) => delete sample.segmentation));
    const { results, omitted } = await evaluateTiny(inputs);
    assert.deepEqual(Object.keys(omitted).sort(), ["Background Overlap", "IOR", "Object Overlap"]);
    assert.equal(results.Consistency, withMasks);
  });
});

Deno.test("a class without images leaves out the top-3 accuracy alone", async () => {
  await inTinyBirds(async (inputs) => {
    const { omitted, results } = await evaluateTiny(inputs, { techniques: ["general"] });
    assert.deepEqual(Object.keys(omitted), ["top-3 Accuracy"]);
    assert.match(omitted["top-3 Accuracy"], /class 1 of 3 has none/);
    assert.deepEqual(Object.keys(results), ["Accuracy", "F1 score"]);
  }, { keep: ({ label }) => label !== 1 });
});

Deno.test("a figure that is not finite is left out with the reason", () => {
  assert.deepEqual(finiteFigures({ "VLC": 1, "NPR": Infinity, "IOR": NaN }), {
    results: { "VLC": 1 },
    omitted: {
      "NPR": "it is Infinity: the model or an explanation has no finite value of it",
      "IOR": "it is NaN: the model or an explanation has no finite value of it",
    },
  });
});

Deno.test("images without saliency count where no maps are needed", async () => {
  await inTinyBirds(async (inputs) => {
    const some = await evaluateTiny(inputs);
    assert.equal(some.explained, 2);
    assert.deepEqual(some.samples.map(({ values }) => "VLC" in values), [
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
    assert.equal(some.partRemoval!.cases.length, 2 * K);
    const none = await evaluateTiny({ ...inputs, saliency: undefined });
    assert.equal(none.method, undefined);
    for (const name of ["VLC", "Object Overlap", "Consistency", "part removal"]) {
      assert.equal(none.omitted[name], "no image was explained");
    }
    // What saliency says of the first images is what the model says of them.
    assert.deepEqual(
      none.samples.map(({ top, classes }) => [top, classes]),
      some.samples.map(({ top, classes }) => [top, classes]),
    );
    for (const name of ["Accuracy", "Intra PD", "Inter PD"]) {
      assert.equal(none.results[name], some.results[name]);
    }
  }, { explained: 2 });
});

Deno.test("saliency that does not fit is refused", async () => {
  await inTinyBirds(async (inputs) => {
    await assert.rejects(
      evaluateTiny(inputs, { k: K + 1 }),
      /explains 3 prototypes of .*, but k is 4; explain at least 4/,
    );
    const path = join(inputs.saliency!, "saliency.json");
    const text = Deno.readTextFileSync(path);
    Deno.writeTextFileSync(path, text.replace('"percentile":95', '"percentile":90'));
    await assert.rejects(evaluateTiny(inputs), /percentile 90/);
    Deno.writeTextFileSync(path, text.replace('"split":"test"', '"split":"train"'));
    await assert.rejects(evaluateTiny(inputs), /of the split train, but the views .* of the split test/);
    Deno.writeTextFileSync(path, text);
    changeIndex(inputs.data, (index) => index.samples.splice(-1));
    await assert.rejects(evaluateTiny(inputs), /is not in the split test of the data set birds/);
  });
});
