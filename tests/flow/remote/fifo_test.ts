/** A queue gives back what was put in, in order, however long it is. */

import assert from "node:assert/strict";
import { Fifo } from "../../../lib/flow/remote/fifo.ts";

Deno.test("what comes first goes first, while more comes", () => {
  const queue = new Fifo<number>();
  let [put, taken] = [0, 0];
  for (const [puts, takes] of [[3, 3], [5000, 4000], [10, 1010], [2000, 1999], [1, 2]]) {
    for (let i = 0; i < puts; i++) queue.push(put++);
    for (let i = 0; i < takes; i++) {
      assert.equal(queue.first, taken);
      assert.equal(queue.shift(), taken++);
    }
  }
  assert.equal(put, taken);
  assert.equal(queue.first, undefined);
  assert.equal(queue.shift(), undefined);
  queue.push(7);
  assert.equal(queue.shift(), 7);
});
