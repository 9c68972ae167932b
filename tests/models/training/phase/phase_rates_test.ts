/** Learning rates of a phase: by group, falling with its epochs. */

import assert from "node:assert/strict";
import { ratesAt } from "../../../../lib/models/training/phase/phase_rates.ts";

const groups = [{ name: "backbone", rate: "backbone" }, { name: "presence", rate: "prototype_vectors" }];

Deno.test("every group has the rate that it names, multiplied by gamma every few epochs", () => {
  const rates = { initial: { backbone: 1, prototype_vectors: 4 }, schedule: { stepSize: 2, gamma: 0.5 } };
  assert.deepEqual(ratesAt(groups, rates, 1), { backbone: 1, presence: 4 });
  assert.deepEqual(ratesAt(groups, rates, 4), { backbone: 0.25, presence: 1 });
});

Deno.test("one rate is that of all groups, and without a schedule it stays", () => {
  assert.deepEqual(ratesAt(groups, { initial: 3 }, 99), { backbone: 3, presence: 3 });
});

Deno.test("a group whose rate is missing is named", () => {
  assert.throws(
    () => ratesAt(groups, { initial: { backbone: 1 } }, 0),
    /group "presence" needs the learning rate "prototype_vectors", but only backbone are given/,
  );
});
