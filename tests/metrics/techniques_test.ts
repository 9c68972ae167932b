/** The published example of whole techniques, both rules of averaging, and what techniques refuse. */

import assert from "node:assert";
import { objectMask } from "../../lib/metrics/complexity/object_mask.ts";
import { METRIC_FLAWS } from "../../lib/metrics/fidelity.ts";
import { ImageValues } from "../../lib/metrics/image_values.ts";
import { MetricError } from "../../lib/metrics/metric_error.ts";
import { spatialMaxima, topIndices } from "../../lib/metrics/selection.ts";
import {
  Complexity,
  COMPLEXITY_METRICS,
  type ComplexityOptions,
} from "../../lib/metrics/techniques/complexity.ts";
import { Continuity } from "../../lib/metrics/techniques/continuity.ts";
import { Contrastivity, type ContrastivityOptions } from "../../lib/metrics/techniques/contrastivity.ts";
import { OutputCompleteness } from "../../lib/metrics/techniques/output_completeness.ts";
import { float32, hostTensor } from "../../lib/tensor/host_tensor.ts";
import { assertNear, drawnMaps } from "./drawn_maps.ts";

const RAMP = "0 1 2 3/4 5 6 7/8 9 10 11/12 13 14 15";
const FALL = "15 14 13 12/11 10 9 8/7 6 5 4/3 2 1 0";

const SCORES = [[5, 4, 1, 0], [0, 5, 4, 1], [5, 0, 1, 4]];

const SALIENCY = [
  drawnMaps("2 1 0 0/0 1.5 0 0/0 0 0 0/0 0 0 0", RAMP),
  drawnMaps("0000/0000/0000/0034", FALL),
  drawnMaps("0000/0300/0010/0000", "0000/0000/0000/0000"),
];

const OBJECTS = [levels("9900/9900/0000/0000"), levels("0000/0000/9999/9999"), levels("4000/0990/0990/0000")];

const PARTS = [
  { places: float32([3, 2], [0, 0, 1, 1, -1, -1]), ids: Int32Array.of(1, 2, -1) },
  { places: float32([3, 2], [3, 3, 2, 3, 0, 0]), ids: Int32Array.of(1, 3, 5) },
  { places: float32([3, 2], [1, 1, 2, 2, -1, -1]), ids: Int32Array.of(2, 3, -1) },
];

const LABELS = [0, 1, 0];

const shared = { saliency: "percentile", batchSize: 3, fidelity: METRIC_FLAWS.preset("reference") } as const;

/** Levels of three equal channels: 9 is 255, 4 is 102. */
function levels(text: string) {
  const bytes = [...text.replaceAll("/", "")].map((digit) => digit === "9" ? 255 : digit === "4" ? 102 : 0);
  return objectMask(hostTensor("uint8", [4, 4, 3], Uint8Array.from(bytes.flatMap((b) => [b, b, b]))), "HWC");
}

function topOf(image: number): number[] {
  return topIndices(spatialMaxima(float32([4, 1, 1], SCORES[image])).data, 2);
}

function complexityOf(options: Partial<ComplexityOptions>): Complexity {
  const technique = new Complexity({
    ...shared,
    metrics: COMPLEXITY_METRICS,
    prototypes: 4,
    boxes: false,
    ...options,
  });
  SALIENCY.forEach((saliency, i) =>
    technique.add({ top: topOf(i), saliency, object: OBJECTS[i], parts: PARTS[i] })
  );
  return technique;
}

function contrastivityOf(options: Partial<ContrastivityOptions>): Contrastivity {
  const technique = new Contrastivity({
    ...shared,
    metrics: ["VLC", "Intra PD", "Inter PD", "histogram"],
    classes: 2,
    prototypes: float32([4, 3], [1, 0, 0, 0, 1, 0, 1, 1, 0, 0, 0, 1]),
    boxes: false,
    ...options,
  });
  SALIENCY.forEach((saliency, i) => technique.add({ top: topOf(i), label: LABELS[i], saliency }));
  return technique;
}

Deno.test("complexity of the published example", () => {
  const { Consistency, ...results } = complexityOf({}).results();
  assertNear(
    ["Object Overlap", "Background Overlap", "IOR", "OIRR", "IOU"].map((key) => results[key]),
    [27.083333, 45.833333, 0.16666667, Infinity, 14.583333],
  );
  assertNear([Consistency, complexityOf({ boxes: true }).results().Consistency], [50, 75]);
});

Deno.test("contrastivity of the published example", () => {
  const results = contrastivityOf({}).results();
  assertNear([results.VLC, results["Intra PD"], results["Inter PD"]] as number[], [
    97.916667,
    0.7642977,
    0.8232233,
  ]);
  assert.deepStrictEqual(results.histogram, { 0: 2, 1: 2, 2: 1, 3: 1 });
  assert.strictEqual(contrastivityOf({ boxes: true }).results().VLC, NaN);
});

Deno.test("what each image adds is kept, and its mean is the figure", () => {
  const technique = complexityOf({});
  const rows = technique.perImage();
  for (const [metric, value] of Object.entries(technique.results("images"))) {
    if (metric === "Consistency") continue;
    assert.strictEqual(rows[metric].length, 3);
    assertNear([rows[metric].reduce((a, b) => a + b) / 3], [value]);
  }
  assertNear([...technique.consistencyPerPrototype().values()], [50, 50, 100, 0]);
  const pairs = contrastivityOf({}).perImage();
  assert.deepStrictEqual(Object.keys(pairs), ["VLC", "Intra PD", "Inter PD"]);
});

Deno.test("a mean of batches weighs a smaller last batch as a whole one", () => {
  const values = new ImageValues();
  for (const value of [1, 2, 3, 4, 10]) values.add(value);
  assertNear([values.mean("images", 2), values.mean("batches", 2)], [4, 5]);
  assert.throws(() => values.mean("batches", 0), /batch size must be .* but is 0/);
});

Deno.test("values that are not defined are left out, with batches that have none", () => {
  const values = new ImageValues();
  for (const list of [[1, NaN], [2, 4], [NaN, NaN], [NaN], [6]]) values.addDefined(list);
  assertNear(values.values, [1, 3, NaN, NaN, 6]);
  assertNear([values.mean("images", 2), values.mean("batches", 2)], [13 / 4, (7 / 3 + 6) / 2]);
  assert.ok(Number.isNaN(new ImageValues().mean("images", 1)));
});

Deno.test("as intended, a map of zeros covers nothing", () => {
  const fidelity = METRIC_FLAWS.preset("intended");
  assertNear([complexityOf({ fidelity }).results()["Object Overlap"]], [100 * (1 / 8 + 1 / 16 + 1 / 8) / 3]);
  assert.deepStrictEqual(contrastivityOf({ fidelity }).perImage().VLC, [100, 100, NaN]);
});

Deno.test("an input that a metric needs is named when it is absent", () => {
  const cases: [() => unknown, RegExp][] = [
    [() => contrastivityOf({ prototypes: undefined }), /PD can't be computed without prototype vectors/],
    [
      () => contrastivityOf({ metrics: ["PALC"] }),
      /PLC, PALC and FD can't be computed without similarity maps/,
    ],
    [() => contrastivityOf({ classes: 1 }), /label of image 1 must be an integer from 0 to 0, but is 1/],
    [
      () => complexityOf({ prototypes: 1 }),
      /prototype of rank 1 must be an integer from 0 to 0, but is 1/,
    ],
    [() => {
      const technique = new Complexity({ ...shared, metrics: ["Consistency"], prototypes: 4, boxes: false });
      technique.add({ top: topOf(0), saliency: SALIENCY[0], object: OBJECTS[0] });
    }, /Consistency can't be computed without part places/],
    [() => {
      const technique = new Complexity({ ...shared, metrics: ["IOU"], prototypes: 4, boxes: false });
      technique.add({ top: [0], saliency: SALIENCY[0], object: OBJECTS[0] });
    }, /number of saliency maps must be 1, but is 2/],
    [() => {
      const technique = new OutputCompleteness({ ...shared, metrics: ["PAC"], boxes: false });
      const similarity = float32([4, 1, 1], SCORES[0]);
      technique.addBatch([{ top: topOf(0), similarity, saliency: SALIENCY[0], perturbed: [] }]);
    }, /perturbed outputs of an image must be 2, but is 0/],
  ];
  for (const [run, message] of cases) {
    assert.throws(run, (error) => error instanceof MetricError && message.test(error.message));
  }
});

Deno.test("nothing changes between an image and itself", () => {
  const technique = new Continuity({
    ...shared,
    metrics: ["VLC", "VAC", "PLC", "PSC", "PRC", "PALC", "PAC", "CAC", "CRC", "Stability"],
    boxes: false,
    fidelity: METRIC_FLAWS.preset("intended"),
  });
  const similarity = float32([4, 2, 2], Array.from({ length: 16 }, (_, i) => (i * 7) % 16));
  const answer = { similarity, saliency: SALIENCY[0], logits: Float32Array.of(2, 1, 3) };
  const top = topIndices(spatialMaxima(similarity).data, 2);
  technique.add({ top, before: answer, after: answer, parts: PARTS[0].places });
  const { Stability, ...changes } = technique.results();
  assert.deepStrictEqual([Stability, Object.values(changes)], [100, new Array(9).fill(0)]);
});
