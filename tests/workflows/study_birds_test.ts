/** `study-birds`, small: all models to one report; again nothing runs, and one coefficient reruns one row. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inRun } from "../tasks/run.ts";

const ROWS = ["protomask", "pipnet", "pipnet-nc", "protopnet", "protopnet-nc", "protopool", "protopool-nc"];
const SMALL = ["study-birds", "--profile", "smoke", "--json"];

Deno.test("all models run on drawn birds to one report, and what is not changed is reused", async () => {
  await inRun(async (run) => {
    const first = await run.call("run", ...SMALL);
    assert.equal(first.code, 0, first.err);
    const actions = first.events.filter(({ event }) => event === "action");
    assert.deepEqual(actions.filter(({ outcome }) => outcome !== "ran"), []);
    const ids = actions.map(({ id }) => id);
    for (const row of ROWS) assert.ok(ids.includes(`${row}-evaluate[seed=4871]`), `${row} of ${ids}`);
    for (const shared of ["data", "object-train-views", "image-train-views"]) {
      assert.equal(ids.filter((id) => id === shared).length, 1, shared);
    }
    const page = readFileSync(join(run.folder, "store", "results", "study-birds", "index.html"), "utf8");
    for (const row of ROWS) assert.ok(page.includes(`href="rows/${row}/index.html"`), row);

    const again = await run.call("run", ...SMALL);
    assert.equal(again.code, 0, again.err);
    assert.deepEqual(again.events.filter(({ outcome }) => outcome === "ran"), []);

    const changed = await run.call("plan", ...SMALL, "--set", "protopnet-joint.model.coefs.sep=0.1");
    assert.equal(changed.code, 0, changed.err);
    const states = Object.groupBy(changed.events.filter(({ id }) => id), ({ state }) => state);
    assert.deepEqual(states.run?.map(({ id }) => id), ["protopnet-joint[seed=4871]"]);
    const after = ["project", "fine-tune", "prp", "prototype-prp", "evaluate"];
    assert.deepEqual(
      states["may-run"]?.map(({ id }) => id).toSorted(),
      [...after.map((stage) => `protopnet-${stage}[seed=4871]`), "report"].toSorted(),
    );
  });
});
