/** The study's workflows: planned with nothing at hand, and run small on miniatures of their data sets. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { archives } from "../../workflows/archives.ts";
import { maskModels } from "../../workflows/weights.ts";
import { inRun } from "../tasks/run.ts";
import { MINIATURES } from "./miniatures.ts";

const STUDY = [
  ["cub200-sam2", "cub200"],
  ["cub200-slit", "cub200"],
  ["dogs-sam2", "dogs"],
  ["dogs-slit", "dogs"],
  ["cars-sam2", "cars196"],
  ["cars-slit", "cars196"],
] as const;

const STAGES = [
  "data",
  "masks",
  "mask-statistics",
  "train-views",
  "test-views",
  "warm-up[seed=4871]",
  "joint[seed=4871]",
  "project[seed=4871]",
  "fine-tune[seed=4871]",
  "prp[seed=4871]",
  "evaluate[seed=4871]",
  "report",
];

for (const [workflow, dataSet] of STUDY) {
  Deno.test(`${workflow} is planned on a machine that has nothing of it`, async () => {
    await inRun(async (run) => {
      const { code, out, err } = await run.call("plan", workflow);
      assert.equal(code, 0, err);
      for (const archive of Object.keys(archives[dataSet])) {
        assert.match(out, new RegExp(`^run +archive-${archive} `, "m"));
      }
      const files = Object.keys(maskModels[workflow.endsWith("slit") ? "slit" : "sam2"]);
      const planned = [...out.matchAll(/^run +mask-(\S+) /gm)].map(([, file]) => file);
      assert.deepEqual(planned, files);
      for (const seed of [4871, 7579, 9307, 1653]) {
        assert.match(out, new RegExp(`evaluate\\[seed=${seed}\\]`));
      }
    });
  });
}

for (const dataSet of ["cub200", "dogs", "cars196"] as const) {
  const workflows = STUDY.filter(([, own]) => own === dataSet).map(([workflow]) => workflow);
  Deno.test(`every stage of ${workflows.join(" and ")} runs on a miniature of the data set`, async () => {
    await inRun(async (run) => {
      const source = join(run.folder, "miniature");
      MINIATURES[dataSet](source);
      const own = [`data.source=${source}`, ...Object.keys(archives[dataSet]).map((name) => `data.${name}=`)];
      const settings = own.flatMap((setting) => ["--set", setting]);
      // The second reuses what it shares with the first.
      for (const workflow of workflows) {
        const smoke = ["run", workflow, "--profile", "smoke", "--json", ...settings];
        const { code, err, events } = await run.call(...smoke);
        assert.equal(code, 0, err);
        const done = events.filter(({ event, outcome }) =>
          event === "action" && ["ran", "reused"].includes(outcome)
        );
        const ids = done.map(({ id }) => id);
        for (const stage of STAGES) assert.ok(ids.includes(stage), `${stage} is not among ${ids.join(", ")}`);
        const joint = done.find(({ id }) => id === "joint[seed=4871]");
        assert.equal(joint?.outcome, "ran", "its params are those of one workflow alone");
      }
    });
  });
}

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
    const page = readFileSync(join(run.folder, "store", "results", "ablations-birds", "index.html"), "utf8");
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
      new Set(changed.events.filter(({ id }) => id.split("[")[0] === task).map(({ state }) => state));
    for (const above of ["data", "masks", "mask-statistics", "train-views", "test-views", "warm-up"]) {
      assert.deepEqual(states(above), new Set(["kept"]), above);
    }
    assert.deepEqual(states("joint"), new Set(["run"]));
    for (const behind of ["project", "fine-tune", "prp", "evaluate", "report"]) {
      assert.deepEqual(states(behind), new Set(["may-run"]), behind);
    }
  });
});
