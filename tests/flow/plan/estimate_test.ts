/** Estimates that are missing: for want of an input without a word, for a fault with the reason. */

import assert from "node:assert/strict";
import type { ExpandedTask } from "../../../lib/flow/definition/expanded.ts";
import { estimateTasks } from "../../../lib/flow/plan/estimate.ts";

const task = (id: string, kind: string): ExpandedTask => ({
  id,
  task: id,
  member: {},
  kind,
  params: {},
  inputs: {},
  outputs: ["out"],
});

Deno.test("a fault of an estimate is told once for each reason, and leaves the others alone", async () => {
  const sizes = { bytes: 1, sizes: {} };
  const demands = {
    faulty: () =>
      Promise.resolve({
        default: {
          estimate: () => {
            throw new RangeError("a batch of one");
          },
        },
      }),
    unknown: () => Promise.resolve({ default: { estimate: () => undefined } }),
    known: () => Promise.resolve({ default: { estimate: () => sizes } }),
  };
  const tasks = [task("a", "faulty"), task("b", "faulty"), task("c", "unknown"), task("d", "known")];
  const { estimates, problems } = await estimateTasks(tasks, demands);
  assert.deepEqual([...estimates], [["d", sizes]]);
  assert.equal(problems.length, 1);
  assert.match(problems[0], /^the cost of a could not be estimated, .*: a batch of one$/);
});
