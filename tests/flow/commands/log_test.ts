/** `log` of a chain: all its steps in order, wherever its last run ended. */

import assert from "node:assert/strict";
import { inProject } from "../cli.ts";

Deno.test("log prints what all steps of a chain have printed, in order, also of earlier runs", async () => {
  await inProject(async (project) => {
    const define = (steps: number, seed = "s") =>
      project.workflow({ train: { kind: "hash_chain", params: { seed, steps, segment: 2 } } });
    define(4);
    await project.run();
    assert.equal((await project.call("log", "probe.ts", "train")).out, "steps 1 to 2\nsteps 3 to 4\n");
    define(5);
    const before = await project.call("log", "probe.ts", "train");
    assert.equal(before.out, "steps 1 to 2\nsteps 3 to 4\n", before.err);
    await project.run();
    const after = await project.call("log", "probe.ts", "train");
    assert.deepEqual([after.out, after.err], ["steps 1 to 2\nsteps 3 to 4\nsteps 5 to 5\n", ""]);
    define(3, "other");
    const changed = await project.call("log", "probe.ts", "train");
    assert.equal(changed.out, after.out);
    assert.match(changed.err, /^note: train was last run at .*; it would run again now: /);
  });
});
