/** `study-birds`, small: all models to one report, a second run, a changed coefficient, and kills in every stage. */

import assert from "node:assert/strict";
import { inRun, type Run } from "../tasks/run.ts";
import { finalDigests, hasBegun, isAmongItems, isInChain, killInTheMiddle } from "./killed_runs.ts";

const ROWS = ["protomask", "pipnet", "pipnet-nc", "protopnet", "protopnet-nc", "protopool", "protopool-nc"];
const SMALL = ["study-birds", "--profile", "smoke", "--json"];

/** The stages of a model that sees images; those of ProtoMask are killed in `birds`. */
function stagesOf(row: string, ...others: ("project" | "prototype-images" | "fine-tune")[]) {
  return {
    [`${row}-warm-up`]: hasBegun,
    [`${row}-joint`]: isInChain,
    ...Object.fromEntries(others.map((stage) => [`${row}-${stage}`, hasBegun])),
    [`${row}-prp`]: isAmongItems,
    [`${row}-prototype-prp`]: isAmongItems,
    [`${row}-evaluate`]: hasBegun,
  };
}

const KILLED = {
  args: SMALL.slice(0, 3),
  stages: {
    ...stagesOf("pipnet", "prototype-images"),
    ...stagesOf("protopnet", "project", "fine-tune"),
    ...stagesOf("protopool", "fine-tune", "prototype-images"),
  },
};

async function assertReport(run: Run): Promise<void> {
  const first = await run.call("run", ...SMALL);
  assert.equal(first.code, 0, first.err);
  const actions = first.events.filter(({ event }) => event === "action");
  assert.deepEqual(actions.filter(({ outcome }) => outcome !== "ran"), []);
  const ids = actions.map(({ id }) => id);
  for (const row of ROWS) assert.ok(ids.includes(`${row}-evaluate[seed=4871]`), `${row} of ${ids}`);
  for (const shared of ["data", "object-train-views", "image-train-views"]) {
    assert.equal(ids.filter((id) => id === shared).length, 1, shared);
  }
  const page = run.page();
  for (const row of ROWS) assert.ok(page.includes(`href="rows/${row}/index.html"`), row);
}

async function assertReuse(run: Run): Promise<void> {
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
}

/** In a store of its own, whose results are those of the run that was not disturbed. */
async function assertSurvivesKills(run: Run): Promise<void> {
  const undisturbed = await finalDigests(run.folder, "store", KILLED);
  const killed = run.withStore("killed");
  for (const task of Object.keys(KILLED.stages)) await killInTheMiddle(killed, KILLED, task, "engine");
  assert.deepEqual(await finalDigests(run.folder, "killed", KILLED), undisturbed);
  assert.equal((await killed.call("verify")).code, 0);
}

Deno.test("all models run on drawn birds to one report", async (test) => {
  await inRun(async (run) => {
    await assertReport(run);
    await test.step("again, nothing runs; a coefficient of one model reruns that row's joint and what follows", () =>
      assertReuse(run));
    await test.step({
      name: "killed in every stage of each model and run again, they end with the same digests as without",
      ignore: Deno.build.os !== "linux",
      fn: () => assertSurvivesKills(run),
    });
  });
});
