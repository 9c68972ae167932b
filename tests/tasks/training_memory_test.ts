/** A training with less memory than it would take: what it says before and while it runs, and the same results. */

import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { inRun, type Run } from "./run.ts";

const masked = { data: "data.data", masks: "masks.masks" };
const views = { views: "train.views", validation: "test.views" };
const common = { seed: 7, batchSize: 8, accumulateBatches: 1, validateEvery: 2, segment: 1 };
const birds = { classes: 3, trainPerClass: 5, testPerClass: 2, size: 96 };
const crops = { numMasks: 3, width: 64, height: 64 };
const model = { name: "protomask" };

const BEFORE = {
  data: { kind: "dataset", params: { name: "birds", birds } },
  masks: { kind: "segment", params: { method: { name: "contour" } }, inputs: { data: "data.data" } },
  train: { kind: "crop-views", params: { split: "train", ...crops }, inputs: masked },
  test: { kind: "crop-views", params: { split: "test", ...crops }, inputs: masked },
  warm: {
    kind: "warm-up",
    params: {
      ...common,
      model: { ...model, depth: 8, prototypesPerClass: 2 },
      // In a smaller one the gradient of the first convolution takes more than what could be computed again.
      backbone: { weights: "random", layers: [4], width: 32 },
    },
    inputs: views,
  },
};

/** Two epochs, in memory that the workflow names. */
function workflow(memoryMB?: number): Record<string, object> {
  const params = { ...common, epochs: 2, model };
  return { ...BEFORE, joint: { kind: "joint", params, memoryMB, inputs: { state: "warm.state", ...views } } };
}

/** Runs the training in a copy of the store that has what comes before it. */
async function trained(run: Run, memoryMB?: number) {
  const store = `store-${memoryMB}`;
  cpSync(join(run.folder, run.store), join(run.folder, store), { recursive: true });
  const own = run.withStore(store);
  own.write(workflow(memoryMB));
  const planned = await own.call("plan", "views.ts");
  const ran = await own.call("run", "views.ts");
  assert.equal(ran.code, 0, ran.err + ran.out);
  assert.match(ran.out, /1 ran, 5 reused/);
  const { events: [{ key, record: { outputs } }] } = await own.call("show", "views.ts", "joint", "--json");
  const { out: log } = await own.call("log", "views.ts", "joint");
  return { planned: planned.out, ran, result: { key, outputs }, log };
}

Deno.test("a training in little memory computes values again and says so; key and results are those with enough", () =>
  inRun(async (run) => {
    const before = await run.run(BEFORE);
    assert.equal(before.code, 0, before.err);
    run.write(workflow());
    const { events } = await run.call("plan", "views.ts", "--json");
    const { memoryMB, leastMB } = events.find(({ id }) => id === "joint")!.cost;
    assert.ok(leastMB < memoryMB, `${leastMB} of ${memoryMB} MiB`);

    const enough = await trained(run);
    assert.doesNotMatch(enough.log, /memory is short/);
    assert.doesNotMatch(enough.planned, /slower/);

    const little = await trained(run, leastMB);
    assert.match(little.planned, /joint .* MB of memory, given \d+ MB: slower/);
    assert.doesNotMatch(little.planned + little.ran.err, /needs at least/);
    const short =
      `memory is short \\(${leastMB} MiB assigned\\): values are computed again for the gradients, `;
    const said = [
      ...little.log.matchAll(new RegExp(`${short}so a batch takes (\\d+) MB in place of (\\d+) MB$`, "gm")),
    ];
    assert.ok(said.length >= 2, `in each segment: ${little.log}`);
    for (const [, fitted, whole] of said) assert.ok(Number(fitted) < Number(whole));
    assert.deepEqual(little.result, enough.result);

    const tooLittle = await trained(run, 100);
    const needs = new RegExp(
      `joint needs at least \\d+ MB of memory, but memoryMB gives it 105 MB.*set memoryMB to ${leastMB} or more`,
    );
    assert.match(tooLittle.planned, needs);
    assert.match(tooLittle.ran.err, needs);
    assert.match(tooLittle.log, /; 0 MB are left for it, so the task takes more than it was assigned/);
    assert.deepEqual(tooLittle.result, enough.result);
  }));
