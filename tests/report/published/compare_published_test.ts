/** What is said of a figure beside the published one. */

import assert from "node:assert/strict";
import {
  comparePublished,
  printed,
  printedDeviation,
} from "../../../lib/report/published/compare_published.ts";
import { comparisonFile } from "../../../lib/report/published/comparison_file.ts";

const WHY = "no image was explained";
const published = { mean: 80, std: 0.5 };

Deno.test("a figure is reproduced within two published standard deviations of the published mean", () => {
  const verdictOf = (...values: number[]) => comparePublished(values, published, WHY);
  assert.deepEqual(verdictOf(80, 81), {
    ours: { mean: 80.5, std: 0.71 },
    runs: 2,
    published,
    sigmas: 1,
    verdict: "reproduced",
  });
  assert.equal(verdictOf(81).verdict, "reproduced", "two are within");
  assert.equal(verdictOf(81.01).verdict, "differs");
  assert.equal(verdictOf(78.99).verdict, "differs", "below as above");
  assert.equal(verdictOf(81.004).verdict, "reproduced", "means are compared as they are printed");
  assert.deepEqual(verdictOf(79).ours, { mean: 79 }, "one run has no spread");
});

Deno.test("without a published spread the means must be equal as printed", () => {
  const exact = { mean: 2000, std: 0 };
  assert.equal(comparePublished([2000.001], exact, WHY).sigmas, 0);
  const other = comparePublished([1999], exact, WHY);
  assert.equal(other.verdict, "differs");
  assert.equal(other.sigmas, -Infinity);
});

Deno.test("what was not run, not transcribed or not published is told apart", () => {
  const notRun = comparePublished([], published, WHY);
  assert.deepEqual(notRun, { runs: 0, missing: WHY, published, verdict: "not run" });
  assert.equal(comparePublished([80, NaN], published, WHY).verdict, "not run", "one run lacks it");
  assert.equal(comparePublished([undefined], "open", WHY).verdict, "not run");
  assert.equal(comparePublished([80], "open", WHY).verdict, "unknown");
  assert.deepEqual(comparePublished([80], "none", WHY), { ours: { mean: 80 }, runs: 1 });
  assert.equal(comparePublished([80], undefined, WHY).verdict, undefined);
});

Deno.test("the file has a line for each compared cell, in texts as the tables have them", () => {
  const cells = [
    { row: "a", column: "Accuracy", ...comparePublished([79], published, WHY) },
    { row: "a", column: "NPR", ...comparePublished([1], { mean: 2, std: 0 }, WHY) },
    { row: "a", column: "VLC", ...comparePublished([1], "none", WHY) },
    { row: "b", column: "VLC", ...comparePublished([], "open", WHY) },
  ];
  assert.deepEqual(JSON.parse(comparisonFile(cells)).cells, [
    {
      row: "a",
      column: "Accuracy",
      verdict: "reproduced",
      ours: "79.00",
      published: "80.00 ± 0.50",
      deviation: -2,
    },
    { row: "a", column: "NPR", verdict: "differs", ours: "1.00", published: "2.00 ± 0.00" },
    { row: "b", column: "VLC", verdict: "not run" },
  ]);
  assert.deepEqual(JSON.parse(comparisonFile([])), { cells: [] });
  assert.equal(printed({ mean: 0.125, std: 1 }), "0.12 ± 1.00");
  const texts = [1.254, -3, Infinity, -Infinity].map(printedDeviation);
  assert.deepEqual(texts, ["+1.25 σ", "−3.00 σ", "+∞ σ", "−∞ σ"]);
});
