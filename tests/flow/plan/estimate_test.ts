/** Estimates that are missing: for want of an input without a word, for a fault with the reason. */

import assert from "node:assert/strict";
import type { ExpandedTask } from "../../../lib/flow/definition/expanded.ts";
import { estimatedMs } from "../../../lib/flow/plan/estimated_time.ts";
import { secondsAt } from "../../../lib/system/time_curve.ts";
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

Deno.test("a task that the workflow gives one of four cores is as fast as that core", () => {
  const machine = { flopPerSecond: 4e9, startSeconds: 0, operations: {}, cores: 4 };
  const estimate = { flop: 8e9, bytes: 0, sizes: {} };
  const msWith = (cores: number | undefined, isOnCpu: boolean) =>
    estimatedMs(estimate, machine, { cores, isOnCpu });
  assert.equal(msWith(undefined, true), 2000);
  assert.equal(msWith(1, true), 8000);
  assert.equal(msWith(16, true), 2000);
  assert.equal(msWith(1, false), 2000);
});

Deno.test("what one thread does takes no less time where there are more cores", () => {
  const machine = { flopPerSecond: 4e9, startSeconds: 0, operations: {}, cores: 4 };
  const estimate = { flop: 8e9, seconds: 4, bytes: 0, sizes: {} };
  for (const [cores, ms] of [[undefined, 6000], [4, 6000], [1, 12_000]] as const) {
    assert.equal(estimatedMs(estimate, machine, { cores, isOnCpu: true }), ms);
  }
});

Deno.test("threads beside the device take time where they take longer than it, or no core is free for them", () => {
  const estimate = (seconds: number) => ({
    flop: 8e9,
    inThreads: { seconds, threads: 2 },
    bytes: 0,
    sizes: {},
  });
  const msOf = (seconds: number, all: number, place: { cores?: number; isOnCpu: boolean }) =>
    estimatedMs(
      estimate(seconds),
      { flopPerSecond: 1e9 * all, startSeconds: 0, operations: {}, cores: all },
      place,
    );
  assert.equal(msOf(4, 4, { cores: 1, isOnCpu: true }), 8000, "they work on another core");
  assert.equal(
    msOf(12, 4, { cores: 1, isOnCpu: true }),
    12_000,
    "the device waits for the one thread of a core",
  );
  assert.equal(msOf(4, 4, { cores: 2, isOnCpu: true }), 4000);
  assert.equal(msOf(12, 4, { cores: 2, isOnCpu: true }), 6000, "the device waits for both threads");
  assert.equal(
    msOf(4, 4, { cores: 4, isOnCpu: true }),
    3000,
    "all four cores compute: one second of each is theirs",
  );
  assert.equal(msOf(4, 1, { isOnCpu: true }), 12_000, "one core does both");
  assert.equal(
    msOf(4, 8, { isOnCpu: false }),
    2000,
    "a GPU leaves the cores to them, and is waited for by none",
  );
  assert.equal(msOf(1, 8, { isOnCpu: false }), 1000);
});

/** A machine of four cores on which a small operation takes 1 s with one or four, and a large one 100 s or 25 s. */
const measured = {
  flopPerSecond: 1,
  startSeconds: 0.5,
  operations: {
    product: { one: [[10, 1], [1000, 100]], all: [[10, 1], [1000, 25]] },
    runtime: { one: [[1, 2]], all: [[1, 2]] },
  },
  cores: 4,
} as const;
const nothing = { bytes: 0, sizes: {} };

Deno.test("an operation takes the time of its size: at least that of the smallest, between two by powers, above all in proportion", () => {
  const { one } = measured.operations.product;
  const near = (actual: number, expected: number) => assert.ok(Math.abs(actual / expected - 1) < 1e-12);
  near(secondsAt(one, 1), 1);
  near(secondsAt(one, 10), 1);
  near(secondsAt(one, 100), 10);
  near(secondsAt(one, 1000), 100);
  near(secondsAt(one, 5000), 500);
});

Deno.test("small operations take their own time, whatever their FLOP: of those that were measured, once any was", () => {
  const operations = {
    product: [{ size: 10, count: 3 }, { size: 1000, count: 1 }],
    other: [{ size: 1, count: 9 }],
  };
  const estimate = { ...nothing, flop: 1e9, operations };
  const ms = (cores: number) => Math.round(estimatedMs(estimate, measured, { cores, isOnCpu: true }));
  assert.equal(ms(1), 103_500);
  assert.equal(ms(4), 28_500);
  assert.equal(ms(2), 53_500, "halfway by powers");
  const unmeasured = estimatedMs({ ...nothing, flop: 2, operations: { other: [] } }, measured, {
    cores: 4,
    isOnCpu: true,
  });
  assert.equal(unmeasured, 2500);
});

Deno.test("items are spread over the cores; the starts of processes, and what each prepares, are not", () => {
  const estimate = {
    ...nothing,
    operations: { product: [{ size: 1000, count: 4 }] },
    preparation: { runtime: [{ size: 1, count: 1 }] },
    seconds: 8,
    starts: 3,
  };
  const ms = (isByItem: boolean) =>
    Math.round(estimatedMs({ ...estimate, isByItem }, measured, { cores: 1, isOnCpu: true }));
  assert.equal(ms(false), 1000 * (3 * 0.5 + 2 + 400 + 8));
  assert.equal(ms(true), 1000 * (3 * 0.5 + 2 + 100 + 2));
});
