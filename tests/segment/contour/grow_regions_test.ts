/** Regions grow step by step, stay disjoint, and count their pixels. */

import assert from "node:assert/strict";
import { growRegions } from "../../../lib/segment/contour/grow_regions.ts";

const LABELS = Int32Array.from([
  ...[1, 0, 0, 0, 0, 2],
  ...[1, 0, 0, 0, 0, 2],
  ...[1, 0, 0, 0, 0, 2],
]);
const SIZE = { width: 6, height: 3 };

Deno.test("regions grow by a pixel a step until they meet", () => {
  const grown = (steps: number) => growRegions({ labels: LABELS, areas: [3, 3] }, SIZE, steps);
  const rows = (row: number[]) => Int32Array.from([...row, ...row, ...row]);
  assert.deepEqual(grown(0), { labels: LABELS, areas: [3, 3] });
  assert.deepEqual(grown(1), { labels: rows([1, 1, 0, 0, 2, 2]), areas: [6, 6] });
  assert.deepEqual(grown(2), { labels: rows([1, 1, 1, 2, 2, 2]), areas: [9, 9] });
  assert.deepEqual(grown(9), grown(2));
});

Deno.test("what was given stays as it is, and no region grows around the border of the image", () => {
  const labels = Int32Array.from([0, 0, 1, 0, 0, 0]);
  const areas = [1];
  const grown = growRegions({ labels, areas }, { width: 3, height: 2 }, 1);
  assert.deepEqual([...labels], [0, 0, 1, 0, 0, 0]);
  assert.deepEqual(areas, [1]);
  assert.deepEqual(grown, { labels: Int32Array.from([0, 1, 1, 0, 0, 1]), areas: [3] });
});

Deno.test("an image without a region stays without", () => {
  const nothing = { labels: new Int32Array(6), areas: [] };
  assert.deepEqual(growRegions(nothing, { width: 3, height: 2 }, 3), nothing);
});
