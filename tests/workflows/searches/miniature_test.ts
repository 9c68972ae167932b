/** Searches on a miniature of CUB-200-2011: a model with all phases, one without a projection, and a segmentation method. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { archives } from "../../../workflows/archives.ts";
import { finishedTrial } from "../../../lib/tuning/trial.ts";
import { inRun } from "../../tasks/run.ts";
import { MINIATURES } from "../miniatures.ts";

/** Runs the search in its smoke profile, and gives its trials. */
async function trialsOf(name: string) {
  let trials: ReturnType<typeof finishedTrial.parse>[] = [];
  await inRun(async (run) => {
    const source = join(run.folder, "miniature");
    MINIATURES.cub200(source);
    const settings = [`source=${source}`, ...Object.keys(archives.cub200).map((archive) => `${archive}=`)]
      .flatMap((setting) => ["--set", `data.${setting}`]);
    const args = [name, "--profile", "smoke", ...settings];
    const ran = await run.call("run", ...args, "--json");
    assert.equal(ran.code, 0, ran.err + ran.out);
    for (const trial of [0, 1, 2]) {
      const folder = join(run.folder, `trial-${trial}`);
      const { code, err } = await run.call(
        "get",
        name,
        `trial[trial=${trial}].trial`,
        folder,
        ...args.slice(1),
      );
      assert.equal(code, 0, err);
      trials = [...trials, finishedTrial.parse(JSON.parse(Deno.readTextFileSync(join(folder, "trial"))))];
    }
  });
  return trials;
}

Deno.test("the search of a model with all phases runs: each trial reports, and what is complete has an accuracy", async () => {
  const trials = await trialsOf("tune-cub200-protomask-sam2");
  assert.ok(trials.every(({ state, reports }) => state === "failed" || reports.length > 0));
  const complete = trials.filter(({ state }) => state === "complete");
  assert.ok(complete.length > 0);
  for (const { value, reports, assignment } of complete) {
    assert.equal(value, reports.at(-1)![1]);
    assert.equal(Object.keys(assignment).length, 6);
  }
});

Deno.test("the search of a model without projection and fine-tuning runs", async () => {
  const trials = await trialsOf("tune-cub200-pipnet");
  assert.ok(trials.some(({ state, value }) => state === "complete" && value !== null));
});

Deno.test("the search of a segmentation method runs, and its objective is the consistency of masks", async () => {
  const trials = await trialsOf("tune-segment-slit");
  for (const { state, value } of trials) {
    assert.equal(state, "complete");
    assert.ok(value! > 0 && value! <= 100);
  }
});
