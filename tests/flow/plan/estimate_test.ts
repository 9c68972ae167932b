/** Estimates that are missing: for want of an input without a word, for a fault with the reason. */

import assert from "node:assert/strict";
import type { ExpandedTask } from "../../../lib/flow/definition/expanded.ts";
import { estimatedMs, estimateTasks, speedOfTask } from "../../../lib/flow/plan/estimate.ts";

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

Deno.test("a task that the workflow gives one of four cores is as fast as that core", () => {
  const machine = { flopPerSecond: 4e9, cores: 4 };
  const estimate = { flop: 8e9, seconds: 4, bytes: 0, sizes: {} };
  const msWith = (cores: number | undefined, isOnCpu: boolean) =>
    estimatedMs(estimate, speedOfTask(machine, cores, isOnCpu));
  assert.equal(msWith(undefined, true), 3000);
  assert.equal(msWith(1, true), 12_000);
  assert.equal(msWith(16, true), 3000);
  assert.equal(msWith(1, false), 6000);
});
