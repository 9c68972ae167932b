/** The workflows of the published searches: one for each row of the study and each segmentation method. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { expandDefinition } from "../../../lib/flow/definition/load_workflow.ts";
import type { ExpandedTask } from "../../../lib/flow/definition/expanded.ts";
import { registry } from "../../../tasks/kinds.ts";
import { searchName } from "../../../workflows/searches/model_search.ts";
import { MODEL_SPACES, PRUNERS } from "../../../workflows/searches/published_spaces.ts";
import { ROWS } from "../../../workflows/study/rows.ts";

async function tasksOf(name: string, profile?: string): Promise<readonly ExpandedTask[]> {
  const file = fileURLToPath(new URL(`../../../workflows/${name}.ts`, import.meta.url));
  const { default: value } = await import(file);
  return (await expandDefinition({ value, modules: [file] }, file, registry, { profile })).tasks;
}

/** The names of the suggestion that a task takes. */
const suggestedTo = (task: ExpandedTask) => new Set(task.values?.map(({ path }) => path) ?? []);

Deno.test("each row has a search: 50 trials that train with every searched parameter, each under the median rule", async () => {
  for (const row of ROWS) {
    const tasks = await tasksOf(searchName(row));
    const named = Object.groupBy(tasks, ({ task }) => task);
    const phases = ["warm-up", "joint", "fine-tune"].flatMap((phase) => named[phase]?.[0] ?? []);
    assert.equal(named.trial?.length, 50, row.name);
    assert.equal(phases.length, row.model === "pipnet" ? 2 : 3, row.name);
    const searched = phases.reduce((all, phase) => all.union(suggestedTo(phase)), new Set<string>());
    assert.deepEqual([...searched].sort(), Object.keys(MODEL_SPACES[row.model]).sort(), row.name);
    for (const { task, stop, mayFail } of phases) {
      assert.deepEqual(mayFail, ["NotFiniteError"]);
      if (task === "warm-up") continue;
      const { startupTrials, warmupSteps, intervalSteps } = stop!.params;
      assert.deepEqual(
        { startupTrials, warmupSteps, intervalSteps },
        PRUNERS[row.model],
        `${row.name} ${task}`,
      );
    }
    const inputs = named.trial!.at(-1)!.inputs.log;
    assert.deepEqual(
      [inputs].flat().map((ref) => "task" in ref && ref.task),
      phases.map(({ task }) => task).map((task) => `${task}[trial=49]`),
    );
    const smoke = await tasksOf(searchName(row), "smoke");
    assert.equal(smoke.filter(({ task }) => task === "trial").length, 3);
  }
});

Deno.test("each segmentation method has a search of 25 trials, which segments anew in each", async () => {
  for (const [method, count] of [["sam2", 4], ["slit", 2]] as const) {
    const tasks = await tasksOf(`tune-segment-${method}`);
    const masks = tasks.filter(({ task }) => task === "masks");
    assert.equal(masks.length, 25);
    assert.deepEqual([...suggestedTo(masks[0])], ["method"]);
    const { space } = tasks.find(({ task }) => task === "suggest")!.params;
    assert.equal(Object.keys(space as object).length, count);
    // Its method has no network, and so nothing to search.
    const smoke = await tasksOf(`tune-segment-${method}`, "smoke");
    assert.deepEqual(smoke.filter(({ id }) => /^mask-(?!statistics)/.test(id)), []);
    assert.equal(smoke.filter(({ task }) => task === "trial").length, 3);
  }
});

Deno.test("the search on drawn birds begins with the values of the workflow birds", async () => {
  const tasks = await tasksOf("tune-birds");
  const birds = await tasksOf("birds");
  const { first } = tasks.find(({ task }) => task === "suggest")!.params;
  const { model } = birds.find(({ task }) => task === "joint")!.params;
  const { backbone, prototype_vectors } = (model as { learningRates: Record<string, number> }).learningRates;
  const [values] = first as readonly Record<string, number>[];
  assert.equal(values["joint.backbone"], backbone);
  assert.equal(values["joint.prototype_vectors"], prototype_vectors);
  assert.equal(tasks.filter(({ task }) => task === "trial").length, 20);
});
