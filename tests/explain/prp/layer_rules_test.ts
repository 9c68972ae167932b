/** Rules of relevance: published examples, and what they conserve. */

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  alpha1Beta0,
  averagePool,
  type Convolve,
  maxPool,
  type RelevanceRule,
  residualSum,
  zB,
} from "../../../lib/explain/prp/layer_rules.ts";
import { similarityRule } from "../../../lib/explain/prp/similarity_rule.ts";
import { groupSweeps, OWNERS, sweepsOver } from "../../../lib/explain/prp/sweeps.ts";
import { program } from "../../../lib/tensor/graph.ts";
import { elementCount, float32, type HostTensor, int64 } from "../../../lib/tensor/host_tensor.ts";
import { interpret } from "../../../lib/tensor/interpret.ts";
import type { Tensor } from "../../../lib/tensor/op.ts";
import { conv2d } from "../../../lib/tensor/ops/conv.ts";
import { maxPool2d } from "../../../lib/tensor/ops/pool.ts";
import { stack } from "../../../lib/tensor/ops/slice.ts";
import { constant, input } from "../../../lib/tensor/ops/source.ts";

const single = sweepsOver(1, 1);
const pointwise: Convolve = (x, weight) => conv2d(x, weight);

function valuesOf(result: Tensor, inputs: Record<string, HostTensor> = {}): number[] {
  return Array.from(interpret(program({ result }), inputs).result.data, Number);
}

function tensor(shape: number[], values: number[]): Tensor {
  return constant(float32(shape, values));
}

function assertClose(got: number[], expected: number[], relative = 1e-6): void {
  assert.equal(got.length, expected.length);
  got.forEach((value, i) =>
    assert.ok(
      Math.abs(value - expected[i]) <= relative * Math.max(1, Math.abs(expected[i])),
      `${got}, expected ${expected}`,
    )
  );
}

const sumOf = (values: number[]) => values.reduce((a, b) => a + b, 0);

Deno.test("α1β0 shares relevance out by positive contributions, and loses it where there are none", () => {
  const x = tensor([1, 2, 1, 2], [2, -1, -3, 4]);
  const weight = tensor([2, 2, 1, 1], [1, -2, 3, 0.5]);
  const relevance = tensor([1, 2, 1, 2], [1, 2, 3, 4]);
  assertClose(valuesOf(alpha1Beta0(x, weight, pointwise, single)(relevance)), [3.25, 0, 0.75, 4]);
});

Deno.test("z^B shares relevance out within the bounds of the input", () => {
  const x = tensor([1, 3, 1, 1], [0.5, -1, 2]);
  const weight = tensor([1, 3, 1, 1], [1, -2, 0.5]);
  const bounds = { lowest: -2.11790395, highest: 2.64 };
  const rule = zB(x, weight, pointwise, bounds, single);
  assertClose(valuesOf(rule(tensor([1, 1, 1, 1], [2]))), [0.43789166, 1.21771133, 0.34439686]);
});

Deno.test("the parts of a residual sum are not bounded where they cancel", () => {
  const [a, b] = [tensor([4], [3, -1, 1, 0]), tensor([4], [1, 1.5, -1, 0])];
  const parts = valuesOf(stack(residualSum(a, b, sweepsOver(4, 4))(tensor([4], [2, 2, 2, 2])), 0));
  assertClose(parts, [1.49999964, -3.99999189, 2000000, 0, 0.49999988, 5.9999876, -2000000, 0]);
});

Deno.test("an average hands relevance to what it is an average of", () => {
  const x = tensor([1, 1, 2, 2], [1, 2, 3, -2]);
  const relevance = valuesOf(averagePool(x, [2, 3], single)(tensor([1, 1, 1, 1], [5])));
  assertClose(relevance, [1.24999881, 2.49999762, 3.74999642, -2.49999762]);
});

Deno.test("a maximum takes all relevance, the first of equals", () => {
  const pool = (x: Tensor) => maxPool2d(x, { kernel: 2 }).values;
  const relevance = tensor([1, 1, 1, 1], [5]);
  assert.deepEqual(valuesOf(maxPool(tensor([1, 1, 2, 2], [1, 4, 4, -2]), pool, single)(relevance)), [
    0,
    5,
    0,
    0,
  ]);
});

const vector = [0.5, 0.2, 0.9];
const prototype = [0.4, 0.25, 0.3];

Deno.test("similarity goes to channels by how near they are, in the reference to all pairs of channels", () => {
  const [x, p, one] = [tensor([1, 1, 3], vector), tensor([1, 3], prototype), tensor([1, 1], [1])];
  const reference = valuesOf(similarityRule(x, p, one, "reference"));
  assertClose(reference, [1.19425356, 1.1342051, 0.67154127], 1e-5);
  assertClose([sumOf(reference)], [3], 1e-5);
  assertClose(valuesOf(similarityRule(x, p, one, "intended")), [0.19889503, 0.79558011, 0.00552486], 1e-5);
});

Deno.test("on a larger map similarity stays at its position, whichever the fidelity", () => {
  const x = tensor([1, 2, 3], [0.1, 0.6, 0.35, ...vector]);
  const [p, relevance] = [tensor([1, 3], [0.1, 0.6, 0.3]), tensor([1, 2], [1, 0])];
  for (const fidelity of ["reference", "intended"] as const) {
    assertClose(valuesOf(similarityRule(x, p, relevance, fidelity)), [0.5, 0.5, 0, 0, 0, 0], 1e-5);
  }
});

const shares = fc.array(fc.double({ min: 0.1, max: 2, noNaN: true }), { minLength: 12, maxLength: 12 });

Deno.test("rules conserve relevance where nothing cancels", () => {
  fc.assert(
    fc.property(shares, shares, shares, (xs, ws, rs) => {
      const x = tensor([1, 3, 2, 2], xs);
      const rules: [RelevanceRule, shape: number[]][] = [
        [alpha1Beta0(x, tensor([4, 3, 1, 1], ws), pointwise, single), [1, 4, 2, 2]],
        [zB(x, tensor([4, 3, 1, 1], ws), pointwise, { lowest: -1, highest: 3 }, single), [1, 4, 2, 2]],
        [averagePool(x, [2, 3], single), [1, 3, 1, 1]],
        [maxPool(x, (input) => maxPool2d(input, { kernel: 2 }).values, single), [1, 3, 1, 1]],
      ];
      for (const [rule, shape] of rules) {
        const values = Array.from({ length: elementCount(shape) }, (_, i) => rs[i % rs.length]);
        const total = sumOf(valuesOf(rule(tensor(shape, values))));
        assert.ok(
          Math.abs(total - sumOf(values)) <= 1e-4 * sumOf(values),
          `${total}, given ${sumOf(values)}`,
        );
      }
    }),
    { numRuns: 30 },
  );
});

Deno.test("sweeps side by side find what each finds alone", () => {
  const views = [[1, -2, 3, 4], [-0.5, 1, 2, 0], [2, 2, -1, 1]];
  const weight = tensor([3, 2, 1, 1], [1, -2, 0.5, 3, -1, 2]);
  const relevance = [[1, 2, 3, 1, 0, 2], [0, 1, 1, 2, 3, 1], [2, 0, 1, 1, 1, 1], [1, 1, 2, 0, 0, 3]];
  const alone = (view: number, sweep: number) => {
    const rule = alpha1Beta0(tensor([1, 2, 1, 2], views[view]), weight, pointwise, single);
    return valuesOf(rule(tensor([1, 3, 1, 2], relevance[sweep])));
  };
  for (const viewOfSweep of [[1, 1, 1, 1], [2, 0, 2, 1], [2, 2, 1, 1]]) {
    const grouped = groupSweeps(viewOfSweep);
    const x = tensor([grouped.views.length, 2, 1, 2], grouped.views.flatMap((view) => views[view]));
    const rule = alpha1Beta0(x, weight, pointwise, sweepsOver(grouped.views.length, 4));
    const built = program({ result: rule(tensor([4, 3, 1, 2], relevance.flat())) });
    const inputs: Record<string, HostTensor> = built.inputs.has(OWNERS)
      ? { [OWNERS]: int64([4], grouped.owners) }
      : {};
    const together = Array.from(interpret(built, inputs).result.data, Number);
    assertClose(together, viewOfSweep.flatMap(alone));
  }
});

Deno.test("sweeps over other views than one each, or one for all, need to know whose they are", () => {
  const x = input("x", "float32", [2, 1]);
  assert.ok(program({ rows: sweepsOver(2, 3).rows(x) }).inputs.has(OWNERS));
  assert.ok(!program({ rows: sweepsOver(2, 2).rows(x) }).inputs.has(OWNERS));
});
