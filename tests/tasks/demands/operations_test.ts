/** The operations of programs: what is grouped by size keeps its sums. */

import assert from "node:assert/strict";
import { conv2d } from "../../../lib/tensor/ops/conv.ts";
import { relu } from "../../../lib/tensor/ops/elementwise.ts";
import { input } from "../../../lib/tensor/ops/source.ts";
import { program } from "../../../lib/tensor/graph.ts";
import { flopOf } from "../../../lib/tensor/program_cost.ts";
import { costOf, operationsOf, preparationOf } from "../../../tasks/demands/operations.ts";

/** Convolutions of rising size, with passes between them. */
function network(layers: number) {
  let y = input("x", "float32", [1, 3, 8, 8]);
  for (let i = 0; i < layers; i++) {
    const channels = 4 + 2 * i;
    y = relu(conv2d(y, input(`w${i}`, "float32", [channels, y.shape[1], 3, 3]), { padding: 1 }));
  }
  return program({ y });
}

const flopIn = (some: readonly { size: number; count: number }[]) =>
  some.reduce((sum, { size, count }) => sum + size * count, 0);
const countIn = (some: readonly { count: number }[]) => some.reduce((sum, { count }) => sum + count, 0);

Deno.test("operations have as many steps and as much work as the programs, however often these run", () => {
  const [small, large] = [network(5), network(20)];
  const { convolution, pass } = operationsOf([costOf(small), 3], [costOf(large), 0.5]);
  assert.ok(convolution.length < 25, "steps of about one size are one entry");
  assert.ok(Math.abs(countIn(convolution) - (3 * 5 + 0.5 * 20)) < 1e-9);
  assert.ok(Math.abs(countIn(pass) - (3 * 5 + 0.5 * 20)) < 1e-9);
  const passes = (program: ReturnType<typeof network>) => flopIn(costOf(program).work.pass);
  const expected = 3 * flopOf(small) + 0.5 * flopOf(large);
  // Every step but a product is an elementwise one here, of one operation an element.
  assert.ok(Math.abs((flopIn(convolution) + 3 * passes(small) + 0.5 * passes(large)) / expected - 1) < 1e-9);
  assert.ok(Object.values(operationsOf([costOf(small), 0])).every((some) => some.length === 0));
});

Deno.test("each process loads the runtime and opens its sessions", () => {
  assert.deepEqual(preparationOf(100, 2), {
    runtime: [{ size: 1, count: 2 }],
    node: [{ size: 1, count: 200 }],
  });
});
