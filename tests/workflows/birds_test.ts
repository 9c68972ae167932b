/** The workflow `birds`, small: its report, a second run, and what a changed weight of the loss reruns. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inRun } from "../tasks/run.ts";

const SMALL = ["birds", "--profile", "smoke"];
const BEHIND_JOINT = ["project", "fine-tune", "prp", "prototype-prp", "evaluate"].map((task) =>
  `${task}[seed=4871]`
);

Deno.test("birds run to a report; again, nothing runs; a weight of the loss reruns joint and what follows", async () => {
  await inRun(async (run) => {
    const first = await run.call("run", ...SMALL);
    assert.equal(first.code, 0, first.err);
    const path = join(run.folder, "store", "results", "birds", "index.html");
    assert.ok(first.out.endsWith(`open ${path}\n`), first.out);
    const page = readFileSync(path, "utf8");
    for (const section of ["tables", "curves", "masks", "prototypes", "images", "removal"]) {
      assert.match(page, new RegExp(`<section id="${section}">`));
    }
    assert.ok(page.length < 2 ** 20);

    const again = await run.call("run", ...SMALL, "--json");
    assert.equal(again.code, 0, again.err);
    assert.equal(again.events.find(({ event }) => event === "done")?.ran, 0);

    const set = ["--set", "joint.coefs.sep=0.1"];
    const { events } = await run.call("plan", ...SMALL, ...set, "--json");
    const stateOf = new Map(events.map(({ id, state }) => [id, state]));
    assert.equal(stateOf.get("joint[seed=4871]"), "run");
    for (const task of [...BEHIND_JOINT, "report"]) assert.equal(stateOf.get(task), "may-run", task);
    for (
      const task of ["data", "masks", "mask-statistics", "train-views", "test-views", "warm-up[seed=4871]"]
    ) {
      assert.equal(stateOf.get(task), "kept", task);
    }
    const [workflow, ...profile] = SMALL;
    const { out } = await run.call("why", workflow, "joint[seed=4871]", ...profile, ...set);
    assert.match(out, /coefs\.sep: 0\.2 → 0\.1/);
    assert.ok(out.trimEnd().split("\n").length <= 5, out);
  });
});
