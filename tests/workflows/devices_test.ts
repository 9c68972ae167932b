/** Going from the CPU to a GPU reruns nothing above the first task that computes on it. */

import assert from "node:assert/strict";
import { gpuShare } from "../../lib/flow/key/compute.ts";
import { loadWorkflow } from "../../lib/flow/definition/load_workflow.ts";
import { registry } from "../../tasks/kinds.ts";
import { rest, serving, sha256 } from "../flow/download/file_server.ts";
import { inRun, type Run } from "../tasks/run.ts";

const SMOKE = ["--profile", "smoke"];

/** The states of a plan by task. */
async function states(run: Run, workflow: string, ...options: string[]): Promise<Record<string, string>> {
  const { code, events, err } = await run.call("plan", workflow, "--json", ...options);
  assert.equal(code, 0, err);
  return Object.fromEntries(events.flatMap(({ id, state }) => id === undefined ? [] : [[id, state]]));
}

Deno.test("from the CPU to webgpu, cuda or tfjs, data, masks, views and statistics are kept", () =>
  inRun(async (run) => {
    const above = ["data", "masks", "mask-statistics", "train-views", "test-views"];
    const ran = await run.call("run", "birds", ...above, ...SMOKE);
    assert.equal(ran.code, 0, ran.err + ran.out);
    const { tasks } = await loadWorkflow("birds", registry, { profile: "smoke" });
    const computing: string[] = [];
    for (const task of tasks) if (await gpuShare(task, registry.demands!) > 0) computing.push(task.id);
    assert.ok(computing.length >= 6, String(computing));
    for (const choice of [["--device", "webgpu"], ["--device", "cuda"], ["--runtime", "tfjs"]]) {
      const planned = await states(run, "birds", ...SMOKE, ...choice);
      const kept = Object.keys(planned).filter((id) => planned[id] === "kept");
      assert.deepEqual(kept.sort(), above.toSorted(), choice.join(" "));
      assert.equal(planned["warm-up[seed=4871]"], "run");
    }
  }));

Deno.test("a download is kept whatever device is chosen; a segmentation by a network is not", () =>
  serving([(_, response, from) => rest(response, from)], ({ url }) =>
    inRun(async (run) => {
      const birds = { classes: 2, trainPerClass: 1, size: 32 };
      run.write({
        file: { kind: "download", params: { urls: [url], sha256 } },
        data: { kind: "dataset", params: { name: "birds", birds } },
        masks: {
          kind: "segment",
          params: { method: { name: "sam2" } },
          inputs: { data: "data.data", weights: "file.data" },
        },
      });
      const ran = await run.call("run", "views.ts", "file", "data", "--device", "webgpu");
      assert.equal(ran.code, 0, ran.err + ran.out);
      assert.deepEqual(await states(run, "views.ts"), { file: "kept", data: "kept", masks: "run" });
      const keys = new Set<string>();
      for (const device of ["cpu", "webgpu", "masks=cuda"]) {
        const { events } = await run.call("plan", "views.ts", "--json", "--device", device);
        keys.add(events.find(({ id }) => id === "masks")!.key);
      }
      assert.equal(keys.size, 3);
    })));
