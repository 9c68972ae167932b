/** Published examples of general performance and compactness, the choice of prototypes, and what is refused. */

import assert from "node:assert";
import fc from "fast-check";
import { classLayerCompactness } from "../../lib/metrics/compactness/class_layer.ts";
import { localSize } from "../../lib/metrics/compactness/local_size.ts";
import {
  accuracy,
  isCorrect,
  isInTop,
  macroScores,
  predictions,
  topAccuracy,
} from "../../lib/metrics/general/classification.ts";
import { rocAuc } from "../../lib/metrics/general/roc_auc.ts";
import { balancingWeights } from "../../lib/metrics/general/sample_weights.ts";
import { MetricError } from "../../lib/metrics/metric_error.ts";
import { descendingOrder, spatialMaxima, topIndices } from "../../lib/metrics/selection.ts";
import { generalPerformance } from "../../lib/metrics/techniques/general.ts";
import { float32, type HostTensor } from "../../lib/tensor/host_tensor.ts";
import { assertNear } from "./drawn_maps.ts";

const LABELS = [0, 0, 1, 2, 3, 1];
const LOGITS = matrix([2, 1, 0, -1], [.5, .4, .6, .1], [.1, 3, .2, 0], [1, .9, .8, .7], [0, 0, 0, 5], [
  4,
  3,
  2,
  1,
]);

function matrix(...rows: number[][]): HostTensor<"float32"> {
  return float32([rows.length, rows[0].length], rows.flat());
}

Deno.test("weights that balance classes", () => {
  assertNear(balancingWeights(LABELS), [3, 3, 3, 6, 6, 3].map((weight) => weight - weight * weight * 1e-8));
  assert.throws(() => balancingWeights([]), /labels must be at least 1, but is 0/);
  assert.throws(() => balancingWeights([0, -1]), /label of image 1 must be an integer .* is -1/);
});

Deno.test("accuracy, top-k accuracy and macro scores, plain and balanced", () => {
  const plain = predictions(LOGITS, LABELS, false);
  assertNear([accuracy(plain), topAccuracy(plain, 2), topAccuracy(plain, 3)], [0.5, 5 / 6, 1]);
  assertNear(Object.values(macroScores(plain)), [0.5833333, 0.5, 0.5166667]);
  assertNear([rocAuc(plain)], [0.79375]);
  const balanced = predictions(LOGITS, LABELS, true);
  assertNear([accuracy(balanced), topAccuracy(balanced, 2), topAccuracy(balanced, 3)], [0.5, 0.75, 1]);
  assertNear(Object.values(macroScores(balanced)), [0.5625, 0.5, 0.5]);
});

Deno.test("what each image adds to the accuracies is at hand", () => {
  const given = predictions(LOGITS, LABELS, false);
  assert.deepStrictEqual(isCorrect(given), [true, false, true, false, true, false]);
  assert.deepStrictEqual(isInTop(given, 2), [true, true, true, false, true, true]);
});

Deno.test("general performance in percent, only what was asked for", () => {
  assert.deepStrictEqual(Object.keys(generalPerformance(LOGITS, LABELS)), [
    "Accuracy",
    "top-3 Accuracy",
    "F1 score",
  ]);
  assertNear(Object.values(generalPerformance(LOGITS, LABELS, ["Accuracy", "Precision"], false)), [
    50,
    58.333333,
  ]);
});

Deno.test("labels and logits that don't fit together are refused", () => {
  const cases: [() => unknown, RegExp][] = [
    [() => predictions(LOGITS, [0, 1], false), /labels must be 6, but is 2/],
    [() => predictions(LOGITS, [0, 0, 1, 2, 3, 4], false), /label of image 5 must be .* 0 to 3, but is 4/],
    [
      () => predictions(float32([24], LOGITS.data), LABELS, false),
      /\[images, classes\], but \[24\] was given/,
    ],
    [() => predictions(float32([0, 4], []), [], false), /images must be at least 1, but is 0/],
    [() => topAccuracy(predictions(LOGITS, [0, 0, 1, 1, 3, 1], false), 3), /class 2 of 4 has none/],
    [() => rocAuc(predictions(matrix([1, NaN], [0, 1]), [0, 1], false)), /a logit of image 0 is NaN/],
  ];
  for (const [run, message] of cases) {
    assert.throws(run, (error) => error instanceof MetricError && message.test(error.message));
  }
});

Deno.test("an image's explanation has the prototypes above a tenth of the highest score", () => {
  const sizes = (...rows: number[][]) => rows.map((row) => localSize(Float32Array.from(row)));
  assert.deepStrictEqual(sizes([2, 0.2], [0.05, 0.04], [1.1, 10]), [1, 2, 2]);
  assert.deepStrictEqual(sizes([0, 0], [0, 0]), [0, 0]);
  assert.deepStrictEqual(sizes([0.02, 0.2], [0.11, 0.1], [0.01, 0.1]), [1, 2, 1]);
  assert.deepStrictEqual(sizes([0.2]), [1]);
});

Deno.test("a weight of exactly ε counts as zero", () => {
  const { globalSize, sparsity, negativePositiveRatio } = classLayerCompactness(
    matrix([0.001, 1], [-0.001, -1]),
  );
  assert.deepStrictEqual([globalSize, sparsity, negativePositiveRatio], [1, 0.5, 1]);
  assert.strictEqual(classLayerCompactness(matrix([-1])).negativePositiveRatio, Infinity);
});

Deno.test("scores are spatial maxima; NaN ranks first and the lower index before its equals", () => {
  const scores = spatialMaxima(float32([4, 1, 2], [1, 5, NaN, 2, 5, 0, -1, -2]));
  assert.deepStrictEqual([...scores.data], [5, NaN, 5, -1]);
  assert.deepStrictEqual(topIndices(scores.data, 4), [1, 0, 2, 3]);
  assert.throws(() => topIndices(scores.data, 5), /k must be from 1 to the number of scores, 4, but is 5/);
  assert.throws(() => spatialMaxima(float32([4], [1, 2, 3, 4])), /\[maps, height, width\], but \[4\]/);
});

Deno.test("an order is a permutation in which values don't rise", () => {
  fc.assert(fc.property(fc.array(fc.float()), (values) => {
    const order = descendingOrder(values);
    assert.deepStrictEqual([...order].sort((a, b) => a - b), values.map((_, i) => i));
    for (let i = 1; i < order.length; i++) {
      const [before, after] = [values[order[i - 1]], values[order[i]]];
      assert.ok(before >= after || Number.isNaN(before));
      assert.ok(!(Object.is(before, after) && order[i - 1] > order[i]));
    }
  }));
});

Deno.test("accuracies don't depend on the order of the images", () => {
  const image = fc.tuple(
    fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 3, maxLength: 3 }),
    fc.integer({ min: 0, max: 2 }),
  );
  fc.assert(
    fc.property(fc.array(image, { minLength: 1, maxLength: 12 }), fc.boolean(), (images, balanced) => {
      const scores = (list: typeof images) => {
        const given = predictions(
          matrix(...list.map(([row]) => row)),
          list.map(([, label]) => label),
          balanced,
        );
        return [accuracy(given), ...Object.values(macroScores(given))];
      };
      assertNear(scores(images), scores([...images].reverse()));
    }),
  );
});
