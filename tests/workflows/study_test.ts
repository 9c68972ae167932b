/** The study's workflows, planned with nothing present. */

import assert from "node:assert/strict";
import { archives } from "../../workflows/archives.ts";
import { maskModels } from "../../workflows/weights.ts";
import { DATA_SETS, ROWS } from "../../workflows/study/rows.ts";
import { inRun } from "../tasks/run.ts";
import { planned, stagesOf } from "./study_rows.ts";

const SEEDS = [4871, 7579, 9307, 1653];

Deno.test("the whole study is planned on a machine that has nothing of it: 24 rows with four seeds", async () => {
  await inRun(async (run) => {
    const { run: first, "may-run": then, ...others } = await planned(run, "study");
    assert.deepEqual(Object.keys(others), []);
    const downloads = [
      ...(["cub200", "dogs", "cars"] as const).flatMap((data) =>
        Object.keys(archives[DATA_SETS[data]]).map((name) => `${data}-archive-${name}`)
      ),
      ...(["sam2", "slit"] as const).flatMap((method) =>
        Object.keys(maskModels[method]).map((name) => `${method}-mask-${name}`)
      ),
      "backbone-weights",
    ];
    assert.deepEqual(first.toSorted(), downloads.toSorted());
    const trained = ROWS.flatMap((row) =>
      stagesOf(row).flatMap((stage) => SEEDS.map((seed) => `${row.name}-${stage}[seed=${seed}]`))
    );
    assert.equal(ROWS.length, 24);
    assert.deepEqual(then.filter((id) => id.includes("seed=")).toSorted(), trained.toSorted());
  });
});
