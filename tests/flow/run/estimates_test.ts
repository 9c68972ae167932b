/** What estimates do in a run: their memory is assigned, their bytes need room; beside a GPU tasks get its part of the cores. */

import assert from "node:assert/strict";
import { missingSpace } from "../../../lib/flow/free_space.ts";
import { ON_HOST } from "../../../lib/flow/key/compute.ts";
import { ResourcePool } from "../../../lib/flow/resources/resources.ts";
import { resourceRequest } from "../../../lib/flow/run/request.ts";
import { Space } from "../../../lib/flow/run/space.ts";
import { inProject, outcomes } from "../cli.ts";
import type { RunnableTask } from "../../../lib/flow/run/runnable.ts";

const task = (resources: object, compute: object = ON_HOST) =>
  ({ loaded: { resources }, task: { params: {} }, compute }) as unknown as RunnableTask;

const machine = { cpu: 8, memoryMB: 30_000, gpus: ["0", "1"] };

Deno.test("four trainings are not started where two fit: estimated memory is assigned", () => {
  const estimate = { bytes: 0, memoryMB: 12_000, sizes: {} };
  const pool = new ResourcePool(machine);
  const request = resourceRequest(task({ cpu: 2 }), machine, estimate);
  assert.equal(request.memoryMB, 12_000);
  assert.ok(pool.assign(request) && pool.assign(request));
  assert.equal(pool.assign(request), undefined);
  const stated = resourceRequest(task({ cpu: 2, memoryMB: 500 }), machine, estimate);
  assert.equal(stated.memoryMB, 500, "what a kind states goes before");
});

Deno.test("beside a GPU a task asks for no more than its part of the cores", () => {
  const on = (device: string, gpu: number, cpu: number) =>
    resourceRequest(task({ cpu }, { device, runtime: "ort", gpu }), machine, undefined);
  assert.deepEqual(on("cuda", 1, 16), { cpu: 4, memoryMB: 0, gpu: 1 });
  assert.deepEqual(on("cuda", 0.25, 4), { cpu: 1, memoryMB: 0, gpu: 0.25 });
  assert.deepEqual(on("cuda", 1, 2), { cpu: 2, memoryMB: 0, gpu: 1 });
  assert.deepEqual(on("webgpu", 1, 16), { cpu: 8, memoryMB: 0, gpu: 1, adapter: true });
});

Deno.test("a disk without room for what will be written is named with what it has", () => {
  const folder = Deno.makeTempDirSync();
  try {
    assert.equal(missingSpace(folder, 0), undefined);
    assert.match(
      missingSpace(folder, 1e18)!,
      /about 1000000000\.0 GB will be written, and the disk of .* has [\d.]+ GB free/,
    );
  } finally {
    Deno.removeSync(folder);
  }
});

Deno.test("a task waits for others that may leave too little room for it, and is refused where alone it has too little", async () => {
  let free = 100;
  const space = new Space("/", false, () => free);
  const { signal } = new AbortController();
  const begin = async (bytes: number) => {
    const ended = await space.begin(bytes, signal);
    assert.ok(typeof ended !== "string");
    return ended;
  };
  assert.match(String(await space.begin(101, signal)), /will be written.*--ignore-space/);
  const first = await begin(60);
  let begun = false;
  const second = begin(50).then((ended) => (begun = true, ended));
  // What the first has written is no longer to come.
  free = 60;
  const third = await begin(40);
  third();
  await Promise.resolve();
  assert.equal(begun, false);
  first();
  const ended = await second;
  ended();
  ended();
  assert.equal(typeof await new Space("/", true, () => 0).begin(1, signal), "function");
});

Deno.test("a task is not begun where the disk has less room than it will write", () =>
  inProject(async (project) => {
    project.workflow({
      vast: { kind: "flaky", params: { failures: 1001 } },
      small: { kind: "page", params: { text: "words" } },
    });
    const run = await project.run();
    assert.deepEqual(outcomes(run), { vast: "failed", small: "ran" });
    const { reason } = run.events.find(({ id, outcome }) => id === "vast" && outcome === "failed")!;
    assert.match(
      reason,
      /^about 1000000000\.0 GB will be written, and the disk of .* free some \(`gc` removes/,
    );
    const ignored = await project.run("--ignore-space");
    const begun = ignored.events.find(({ id, outcome }) => id === "vast" && outcome === "failed")!;
    assert.match(begun.reason, /failure \d+$/, "it was begun");
    const planned = await project.call("plan", "probe.ts", "vast");
    assert.match(planned.out, /1000000 TB written.*\n(?:.*\n)*about 1000000000\.0 GB will be written/);
  }));
