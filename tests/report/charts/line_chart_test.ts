/** Line charts as SVG. */

import assert from "node:assert/strict";
import { lineChart } from "../../../lib/report/charts/line_chart.ts";

const chart = { title: "Loss", xLabel: "epoch", yLabel: "loss" };

Deno.test("lines go through their points, break where there is no value, and names are escaped", () => {
  const { text } = lineChart({
    ...chart,
    yFrom: 0,
    yTo: 4,
    series: [{ name: "<run>", colour: 1, points: [[0, 0], [1, NaN], [2, 4], [4, 2]] }],
  });
  assert.match(text, /<path class="line" d="M52 228M260 12L468 120"\/>/);
  assert.match(text, /<li class="c1"><i class=""><\/i>&#60;run&#62;<\/li>/);
  assert.doesNotMatch(text, /NaN|<run>/);
});

Deno.test("a lone point is marked, and without values the chart says so", () => {
  const one = lineChart({ ...chart, series: [{ name: "a", colour: 0, points: [[3, 7]] }] }).text;
  assert.equal(one.match(/<circle/g)?.length, 1);
  assert.equal(lineChart({ ...chart, series: [] }).text, '<p class="none">no values</p>');
  const none = lineChart({ ...chart, series: [{ name: "a", colour: 0, points: [[3, Infinity]] }] });
  assert.equal(none.text, '<p class="none">no values</p>');
});
