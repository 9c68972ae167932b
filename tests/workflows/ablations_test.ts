/** The workflow `ablations-birds`, run small. */

import assert from "node:assert/strict";
import { inRun } from "../tasks/run.ts";

Deno.test("an ablation ends in a table of its variants; another loss weight reruns nothing above the joint phase", async () => {
  await inRun(async (run) => {
    const small = [
      "--profile",
      "smoke",
      "--set",
      "matrix.fidelity=intended",
      "--set",
      "matrix.loss=published,no-sep",
    ];
    const first = await run.call("run", "ablations-birds", "--json", ...small);
    assert.equal(first.code, 0, first.err);
    const page = run.page();
    assert.equal(page.match(/<tr>(<th class="place">[^<]+<\/th>){3}/g)?.length, 1 + 2, "axes, two variants");
    for (const variant of ["published", "no-sep"]) {
      assert.match(page, new RegExp(`<tr><th class="place">${variant}</th><th class="place">3</th>`));
      assert.match(page, new RegExp(`^${variant},3,intended,&#34;loss=${variant},.*seed=4871&#34;,\\d`, "m"));
    }
    const changed = await run.call(
      "plan",
      "ablations-birds",
      "--json",
      ...small,
      "--set",
      "joint.model.coefs.crs_ent=0.5",
    );
    assert.equal(changed.code, 0, changed.err);
    const states = (task: string) =>
      new Set(changed.events.filter(({ id }) => id?.split("[")[0] === task).map(({ state }) => state));
    for (const above of ["data", "masks", "mask-statistics", "train-views", "test-views", "warm-up"]) {
      assert.deepEqual(states(above), new Set(["kept"]), above);
    }
    assert.deepEqual(states("joint"), new Set(["run"]));
    for (const behind of ["project", "fine-tune", "prp", "evaluate", "report"]) {
      assert.deepEqual(states(behind), new Set(["may-run"]), behind);
    }
  });
});
