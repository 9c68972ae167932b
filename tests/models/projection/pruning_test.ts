/** Which prototypes pruning keeps, and in which order. */

import assert from "node:assert/strict";
import {
  keepColumns,
  keptPrototypes,
  NearestImages,
  prunedOrder,
} from "../../../lib/models/projection/pruning.ts";
import { float32 } from "../../../lib/tensor/host_tensor.ts";

Deno.test("of images at one distance the earlier is the nearer, across batches", () => {
  const nearest = new NearestImages(1, 2);
  nearest.add(float32([2, 1], [1, 1]), [4, 5]);
  nearest.add(float32([2, 1], [1, 0.5]), [6, 7]);
  assert.deepEqual(nearest.labels, [[7, 4]]);
});

Deno.test("a prototype stays where enough of its nearest images are of its class", () => {
  assert.deepEqual(keptPrototypes([[0, 0, 1], [1, 0, 0], [0, 0, 0]], [0, 1, 1], 1), [0, 1]);
  assert.deepEqual(keptPrototypes([[0, 0, 1], [1, 0, 0], [0, 0, 0]], [0, 1, 1], 2), [0]);
});

Deno.test("the reference's order is that of CPython's sets", () => {
  // list(set(range(total)) - removed), as CPython 3.12 prints it.
  const cases: [total: number, kept: number[], order: number[]][] = [
    [15, [5, 9], [9, 5]],
    [15, [1, 2, 3, 4, 8, 9], [1, 2, 3, 4, 8, 9]],
    [40, [1, 8, 16, 17, 24, 33, 39], [1, 33, 39, 8, 16, 17, 24]],
    [300, [14, 26, 57, 80, 126, 127, 130, 183, 190, 238, 240, 271], [
      130,
      14,
      238,
      80,
      240,
      271,
      183,
      57,
      26,
      190,
      126,
      127,
    ]],
  ];
  for (const [total, kept, order] of cases) {
    assert.deepEqual(prunedOrder(kept, total, "reference"), order);
    assert.deepEqual(prunedOrder(kept, total, "intended"), kept);
  }
  const most = Array.from({ length: 300 }, (_, i) => i).filter((i) => i % 5 !== 0);
  assert.deepEqual(
    prunedOrder(most, 300, "reference"),
    most,
    "few are removed from a copy, which stays in order",
  );
});

Deno.test("rows and columns are taken in the order given", () => {
  assert.deepEqual(keepColumns(float32([2, 3], [1, 2, 3, 4, 5, 6]), [2, 0]), float32([2, 2], [3, 1, 6, 4]));
});
