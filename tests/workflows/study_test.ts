/** The study's workflows: planned with nothing present, and run small on miniatures of their data sets. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { archives } from "../../workflows/archives.ts";
import { maskModels } from "../../workflows/weights.ts";
import { DATA_SETS, ROWS, ROWS_OF, type StudyRow } from "../../workflows/study/rows.ts";
import { inRun, type Run } from "../tasks/run.ts";
import { MINIATURES } from "./miniatures.ts";

const SEEDS = [4871, 7579, 9307, 1653];

const STAGES = ["warm-up", "joint", "prp", "prototype-prp", "evaluate"];

/** The stages of a row that vary by seed. */
function stagesOf({ model }: StudyRow): string[] {
  if (model === "pipnet") return [...STAGES, "prototype-images"];
  return [...STAGES, "fine-tune", model === "protopool" ? "prototype-images" : "project"];
}

/** The ids of a plan by the state of their tasks. */
async function planned(run: Run, ...args: string[]): Promise<Record<string, string[]>> {
  const { code, err, events } = await run.call("plan", ...args, "--json");
  assert.equal(code, 0, err);
  const byState = Object.groupBy(events.filter(({ id }) => id !== undefined), ({ state }) => state);
  return Object.fromEntries(
    Object.entries(byState).map(([state, found]) => [state, found!.map(({ id }) => id)]),
  );
}

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

for (const data of ["cub200", "dogs", "cars"] as const) {
  Deno.test(`all rows of study-${data} run on a miniature of the data set, and each by itself reuses them`, async () => {
    await inRun(async (run) => {
      const source = join(run.folder, "miniature");
      MINIATURES[DATA_SETS[data]](source);
      const settings = (task: string) =>
        [`source=${source}`, ...Object.keys(archives[DATA_SETS[data]]).map((name) => `${name}=`)]
          .flatMap((setting) => ["--set", `${task}.${setting}`]);
      const smoke = ["--profile", "smoke"];
      const whole = await run.call("run", `study-${data}`, "--json", ...smoke, ...settings(`${data}-data`));
      assert.equal(whole.code, 0, whole.err);
      const page = readFileSync(join(run.folder, "store", "results", `study-${data}`, "index.html"), "utf8");
      for (const row of ROWS_OF[data]) {
        assert.ok(page.includes(`href="rows/${row.name}/index.html"`), row.name);
        const { kept, ...others } = await planned(run, row.name, ...smoke, ...settings("data"));
        assert.deepEqual(Object.values(others).flat(), ["report"], row.name);
        for (const stage of stagesOf(row)) {
          assert.ok(kept.includes(`${stage}[seed=4871]`), `${row.name} ${stage}`);
        }
      }
      const [row] = ROWS_OF[data];
      const alone = await run.call("run", row.name, "--json", ...smoke, ...settings("data"));
      assert.equal(alone.code, 0, alone.err);
      const ran = alone.events.filter(({ event, outcome }) => event === "action" && outcome === "ran");
      assert.deepEqual(ran.map(({ id }) => id), ["report"]);
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
