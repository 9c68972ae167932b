/** What a task asks a machine for: what its kind states, what the workflow names, and its part of a GPU. */

import assert from "node:assert/strict";
import { pagesEnvironment } from "../../../lib/flow/run/large_pages.ts";
import { resourceRequest } from "../../../lib/flow/run/request.ts";
import type { RunnableTask } from "../../../lib/flow/run/runnable.ts";
import { inProject } from "../cli.ts";

const machine = { cpu: 8, memoryMB: 1000, gpus: ["0", "1"] };

function requestOf(resources: unknown, cores?: number, gpu = 0) {
  const task = { loaded: { resources }, task: { params: {}, cores }, compute: { gpu, device: "cuda" } };
  return resourceRequest(task as unknown as RunnableTask, machine);
}

Deno.test("a workflow's number of cores stands in place of the kind's", () => {
  assert.deepEqual(requestOf(undefined), { cpu: 1, memoryMB: 0, gpu: 0 });
  assert.deepEqual(requestOf({ cpu: 4, memoryMB: 10 }), { cpu: 4, memoryMB: 10, gpu: 0 });
  assert.deepEqual(requestOf({ cpu: 4, memoryMB: 10 }, 1), { cpu: 1, memoryMB: 10, gpu: 0 });
  assert.deepEqual(requestOf(() => ({ cpu: 2 }), 6), { cpu: 6, memoryMB: 0, gpu: 0 });
});

Deno.test("a task on a gpu asks for no more cores than belong to its gpu", () => {
  assert.equal(requestOf({ cpu: 6 }, undefined, 1).cpu, 4);
  assert.equal(requestOf({ cpu: 6 }, 2, 1).cpu, 2);
});

Deno.test("cores and memory are no part of a key, and wrong ones are named", () =>
  inProject(async (project) => {
    const task = { kind: "command", params: { argv: ["sh", "-c", "echo > out/o"] }, outputs: ["o"] };
    project.workflow({ a: task });
    assert.equal((await project.run()).code, 0);
    project.workflow({ a: { ...task, cores: 3 } });
    const again = await project.run();
    assert.equal(again.events.at(-1)!.reused, 1, again.err);
    project.workflow({ a: { ...task, memoryMB: 30 } });
    assert.equal((await project.run()).events.at(-1)!.reused, 1);
    project.workflow({ a: { ...task, memoryMB: 0.5 } });
    const wrong = await project.run();
    assert.equal(wrong.code, 2);
    assert.match(wrong.err, /memoryMB.*a number of MiB of memory, from 1/s);
    for (const cores of [0, 1.5, "2", null]) {
      project.workflow({ a: { ...task, cores } });
      const { code, err } = await project.run();
      assert.equal(code, 2, err);
      assert.match(err, /cores.*a number of cores, from 1/s);
    }
  }));

Deno.test("memory is what the workflow or the kind states, or what the demand estimates with its least", () => {
  const estimate = { bytes: 0, sizes: {}, memoryMB: 600, leastMB: 250 };
  const requested = (resources: unknown, memoryMB?: number) => {
    const task = {
      loaded: { resources },
      task: { params: {}, memoryMB },
      compute: { gpu: 0, device: "cpu" },
    };
    return resourceRequest(task as unknown as RunnableTask, machine, estimate);
  };
  assert.deepEqual(requested(undefined), { cpu: 1, memoryMB: 600, leastMB: 250, gpu: 0 });
  assert.deepEqual(requested({ memoryMB: 10 }), { cpu: 1, memoryMB: 10, gpu: 0 });
  assert.deepEqual(requested(undefined, 300), { cpu: 1, memoryMB: 300, gpu: 0 });
});

Deno.test("large pages are for a process that was assigned less memory than it would use", () => {
  assert.deepEqual(Object.keys(pagesEnvironment({ memoryMB: 250 }, { memoryMB: 600 })), ["GLIBC_TUNABLES"]);
  assert.deepEqual(pagesEnvironment({ memoryMB: 600 }, { memoryMB: 600 }), {});
  assert.deepEqual(pagesEnvironment({ memoryMB: 10 }, {}), {});
  assert.deepEqual(pagesEnvironment({ memoryMB: 10 }, undefined), {});
});
