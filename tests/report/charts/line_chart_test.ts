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
  assert.match(text, /<path class="line" d="M68,228ZM268,12L468,120"\/>/);
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

Deno.test("ticks are at round numbers around the values, whole on the x axis, also where all values are equal", () => {
  const textsOf = (points: [number, number][], range = {}) => {
    const { text } = lineChart({ ...chart, ...range, series: [{ name: "a", colour: 0, points }] });
    return [...text.matchAll(/<text x="[^"]*" y="[^"]*" text-anchor="(end|middle)">([^<]*)/g)].map((
      [, side, tick],
    ) => `${side} ${tick}`);
  };
  const percent = textsOf([[1, 3], [2, 80]], { yFrom: 0, yTo: 100 });
  assert.deepEqual(
    percent.filter((text) => text.startsWith("end")),
    [0, 20, 40, 60, 80, 100].map((y) => `end ${y}`),
  );
  assert.deepEqual(percent.filter((text) => /^middle \d/.test(text)), ["middle 1", "middle 2"]);
  assert.ok(textsOf([[3, 7]]).filter((text) => text.startsWith("end")).length > 2);
});

Deno.test("the readout has the values of all series at each place", () => {
  const { text } = lineChart({
    ...chart,
    series: [
      { name: "a", colour: 0, points: [[1, 0.123456], [2, 1]] },
      { name: "b", colour: 1, points: [[2, 3]] },
    ],
  });
  const [, values] = /data-values="([^"]*)"/.exec(text)!;
  const { columns } = JSON.parse(values.replaceAll("&#34;", '"'));
  assert.deepEqual(columns, [
    { place: 68, text: "epoch 1; a: 0.1235" },
    { place: 468, text: "epoch 2; a: 1; b: 3" },
  ]);
});
