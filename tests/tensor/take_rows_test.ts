/** Rows of a tensor: in the given order, of every element type, and none that the tensor lacks. */

import assert from "node:assert/strict";
import { float32, hostTensor, int64 } from "../../lib/tensor/host_tensor.ts";
import { takeRows } from "../../lib/tensor/take_rows.ts";

Deno.test("rows come in the given order and as often as they are named", () => {
  const x = float32([3, 1, 2], [1, 2, 3, 4, 5, 6]);
  assert.deepEqual(takeRows(x, [2, 0, 2]), float32([3, 1, 2], [5, 6, 1, 2, 5, 6]));
  assert.deepEqual(takeRows(x, []), float32([0, 1, 2], []));
  assert.deepEqual(takeRows(int64([3], [7, 8, 9]), [1]), int64([1], [8]));
  const bytes = hostTensor("uint8", [2, 2], Uint8Array.of(1, 2, 3, 4));
  assert.deepEqual(takeRows(bytes, [1]), hostTensor("uint8", [1, 2], Uint8Array.of(3, 4)));
});

Deno.test("a row that the tensor lacks is refused", () => {
  for (const row of [-1, 3, 0.5, NaN]) {
    assert.throws(() => takeRows(float32([3], [1, 2, 3]), [0, row]), {
      name: "RangeError",
      message: `the row must be from 0 to 2 in a tensor [3], but is ${row}`,
    });
  }
});
