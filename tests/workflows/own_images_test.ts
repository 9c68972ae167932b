/** The workflows for photographs, on a few drawn ones in folders: their smoke profile needs no package and no download. */

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { writeBirds } from "../../lib/data/birds/write_birds.ts";
import { readCub200 } from "../../lib/data/cub200.ts";
import { readEvaluation } from "../../lib/evaluate/evaluation_file.ts";
import { outcomes } from "../flow/cli.ts";
import { inRun, type Run } from "../tasks/run.ts";

const BIRDS = { seed: 1, classes: 3, trainPerClass: 4, testPerClass: 2, size: 96 };

/** Birds in the layout of CUB-200-2011, and the same by class alone. */
function writeSources(run: Run): { cub: string; folders: string } {
  const [cub, folders] = [join(run.folder, "cub"), join(run.folder, "my photographs")];
  writeBirds(cub, BIRDS);
  for (const { name, path } of readCub200(cub).samples) {
    mkdirSync(dirname(join(folders, name)), { recursive: true });
    copyFileSync(path, join(folders, name));
  }
  return { cub, folders };
}

async function evaluation(run: Run, workflow: string, options: readonly string[]) {
  const folder = join(run.folder, `got-${workflow}`);
  const got = await run.call("get", workflow, "evaluate[seed=4871].evaluation", folder, ...options);
  assert.equal(got.code, 0, got.err);
  return readEvaluation(join(folder, "evaluation"));
}

Deno.test("photographs in folders of classes go from data to a report, and what lacks annotations is named", () =>
  inRun(async (run) => {
    const { cub, folders } = writeSources(run);
    for (const workflow of ["own-images", "own-images-protopnet"]) {
      const options = ["--profile", "smoke", "--set", `data.source=${folders}`];
      const ran = await run.call("run", workflow, "--json", ...options);
      assert.equal(ran.code, 0, ran.err);
      assert.ok(Object.values(outcomes(ran)).every((outcome) => outcome === "ran" || outcome === "reused"));
      const { results, omitted } = await evaluation(run, workflow, options);
      assert.ok("Accuracy" in results);
      for (const name of ["Object Overlap", "Background Overlap", "IOR", "Consistency"]) {
        assert.ok(!(name in results) && name in omitted, name);
      }
    }
    for (const workflow of ["cub200-sample", "study-sample"]) {
      const plan = await run.call("plan", workflow, "--profile", "smoke", "--set", `data.source=${cub}`);
      assert.equal(plan.code, 0, plan.err);
    }
  }));
