/** Some system calls of a run fail, one in each run: no result is wrong, and the next run is whole. `bench/system_calls.ts` tries all. */

import assert from "node:assert/strict";
import { FAULTS, hasStrace, pointsOfRun, tryFault } from "./system_calls.ts";

const TRIALS = 6;
const ignore = !await hasStrace();

Deno.test({
  name: `a system call that fails gives no wrong result, ${TRIALS} of them${
    ignore ? " (left out: strace is absent, or may not trace here)" : ""
  }`,
  ignore,
  fn: async () => {
    const points = await pointsOfRun();
    for (let trial = 0; trial < TRIALS; trial++) {
      const point = points[Math.floor((trial + 0.5) * points.length / TRIALS)];
      const outcome = await tryFault(point, FAULTS[trial % FAULTS.length]);
      assert.deepEqual(outcome.problems, [], JSON.stringify(outcome));
    }
  },
});

Deno.test({
  name: "files that the system does not let be looked at are not taken for missing" +
    (ignore ? " (left out)" : ""),
  ignore,
  fn: async () => {
    const stats = (await pointsOfRun()).filter(({ call }) => call === "statx");
    for (const [i, fault] of (["EIO", "EACCES"] as const).entries()) {
      const outcome = await tryFault(stats[Math.floor((i + 1) * stats.length / 3)], fault, true);
      assert.notEqual(outcome.code, 0);
      assert.deepEqual(outcome.problems, [], JSON.stringify(outcome));
    }
  },
});
