/** The workflow `birds`, small: its report, a second run, what a changed weight of the loss reruns, and kills in every stage. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { contributions } from "../../lib/evaluate/decisions.ts";
import { readEvaluation } from "../../lib/evaluate/evaluation_file.ts";
import { inRun, type Run } from "../tasks/run.ts";
import { finalDigests, hasBegun, isAmongItems, isInChain, killInTheMiddle } from "./killed_runs.ts";

const SMALL = ["birds", "--profile", "smoke"];
const STAGES = {
  data: hasBegun,
  masks: isAmongItems,
  "mask-statistics": isAmongItems,
  "train-views": isAmongItems,
  "test-views": isAmongItems,
  "warm-up": hasBegun,
  joint: isInChain,
  project: hasBegun,
  "fine-tune": hasBegun,
  prp: isAmongItems,
  "prototype-prp": isAmongItems,
  evaluate: hasBegun,
  report: hasBegun,
};

const BEHIND_JOINT = ["project", "fine-tune", "prp", "prototype-prp", "evaluate"].map((task) =>
  `${task}[seed=4871]`
);

async function assertReport(run: Run): Promise<void> {
  const first = await run.call("run", ...SMALL);
  assert.equal(first.code, 0, first.err);
  const path = join(run.folder, "store", "results", "birds-smoke", "index.html");
  assert.ok(first.out.endsWith(`open ${path}\n`), first.out);
  const page = readFileSync(path, "utf8");
  for (const section of ["tables", "curves", "masks", "prototypes", "mistakes", "images", "removal"]) {
    assert.match(page, new RegExp(`<section id="${section}">`));
  }
  assert.ok(page.length < 2 ** 20);
}

/** The contributions of every explained image add up to its logits, those that the page prints to the digit. */
async function assertDecisions(run: Run): Promise<void> {
  const folder = join(run.folder, "evaluation");
  const [workflow, ...profile] = SMALL;
  const { code, err } = await run.call("get", workflow, "evaluate[seed=4871].evaluation", folder, ...profile);
  assert.equal(code, 0, err);
  const { samples, explained } = readEvaluation(join(folder, "evaluation"));
  assert.equal(samples.length, explained);
  for (const { decision } of samples) {
    for (const which of [0, 1] as const) {
      const { sum } = contributions(decision!, which);
      assert.ok(Math.abs(sum - decision!.logits[which]) < 1e-4, `${sum}, not ${decision!.logits[which]}`);
    }
  }
}

async function assertReuse(run: Run): Promise<void> {
  const again = await run.call("run", ...SMALL, "--json");
  assert.equal(again.code, 0, again.err);
  assert.equal(again.events.find(({ event }) => event === "done")?.ran, 0);

  const set = ["--set", "joint.model.coefs.sep=0.1"];
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
  assert.match(out, /model\.coefs\.sep: 0\.2 → 0\.1/);
  assert.ok(out.trimEnd().split("\n").length <= 5, out);
}

/** The memory of each task is no more than a tenth above what `plan` stated, and no less than a third of it. */
async function assertMemory(run: Run): Promise<void> {
  const planned = await run.withStore("nothing").call("plan", ...SMALL, "--json");
  for (const { id, event, cost } of planned.events) {
    if (event !== "plan") continue;
    const [workflow, ...profile] = SMALL;
    const { events: [{ record }] } = await run.call("show", workflow, id, ...profile, "--json");
    const part = record.facts.peakMemoryBytes / 2 ** 20 / cost.memoryMB;
    assert.ok(part < 1.1 && part > 1 / 3, `${id} took ${part.toFixed(2)} of ${cost.memoryMB} MiB`);
  }
}

/** In a store of its own, whose results are those of the run that was not disturbed. */
async function assertSurvivesKills(run: Run): Promise<void> {
  const birds = { args: SMALL, stages: STAGES };
  const undisturbed = await finalDigests(run.folder, "store", birds);
  assert.deepEqual(Object.keys(undisturbed).sort(), Object.keys(STAGES).sort());
  const killed = run.withStore("killed");
  for (const task of Object.keys(STAGES)) {
    for (const victim of ["process", "engine"] as const) await killInTheMiddle(killed, birds, task, victim);
  }
  assert.deepEqual(await finalDigests(run.folder, "killed", birds), undisturbed);
  assert.equal((await killed.call("verify")).code, 0);
  assert.deepEqual([...Deno.readDirSync(join(run.folder, "killed", "work"))], []);
}

Deno.test("birds run to a report", async (test) => {
  await inRun(async (run) => {
    await assertReport(run);
    await test.step("what prototypes add to a logit is all of it", () => assertDecisions(run));
    await test.step({
      name: "its tasks take about as much memory as plan states",
      ignore: Deno.build.os !== "linux",
      fn: () => assertMemory(run),
    });
    await test.step("again, nothing runs; a weight of the loss reruns joint and what follows", () =>
      assertReuse(run));
    await test.step({
      name: "killed in every stage and run again, they end with the same digests as without",
      ignore: Deno.build.os !== "linux",
      fn: () => assertSurvivesKills(run),
    });
  });
});
