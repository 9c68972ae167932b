/** The rows of a data set on its miniature: run to one report, and reused by each row's own workflow. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { archives } from "../../workflows/archives.ts";
import { DATA_SETS, ROWS_OF, type StudyRow } from "../../workflows/study/rows.ts";
import { inRun, type Run } from "../tasks/run.ts";
import { MINIATURES } from "./miniatures.ts";

const STAGES = ["warm-up", "joint", "prp", "prototype-prp", "evaluate"];

/** The stages of a row that vary by seed. */
export function stagesOf({ model }: StudyRow): string[] {
  if (model === "pipnet") return [...STAGES, "prototype-images"];
  return [...STAGES, "fine-tune", model === "protopool" ? "prototype-images" : "project"];
}

/** The ids of a plan by the state of their tasks. */
export async function planned(run: Run, ...args: string[]): Promise<Record<string, string[]>> {
  const { code, err, events } = await run.call("plan", ...args, "--json");
  assert.equal(code, 0, err);
  const byState = Object.groupBy(events.filter(({ id }) => id !== undefined), ({ state }) => state);
  return Object.fromEntries(
    Object.entries(byState).map(([state, found]) => [state, found!.map(({ id }) => id)]),
  );
}

/** Runs all rows of a data set on a miniature of it; then each by itself may have only its report left to run. */
export async function runRowsOnMiniature(data: StudyRow["data"]): Promise<void> {
  await inRun(async (run) => {
    const source = join(run.folder, "miniature");
    MINIATURES[DATA_SETS[data]](source);
    const settings = (task: string) =>
      [`source=${source}`, ...Object.keys(archives[DATA_SETS[data]]).map((name) => `${name}=`)]
        .flatMap((setting) => ["--set", `${task}.${setting}`]);
    const smoke = ["--profile", "smoke"];
    const whole = await run.call("run", `study-${data}`, "--json", ...smoke, ...settings(`${data}-data`));
    assert.equal(whole.code, 0, whole.err);
    const page = run.page();
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
}
