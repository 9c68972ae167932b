/** ResourceQueue: who waits is served, small requests pass large ones, and no large one waits for ever. */

import assert from "node:assert/strict";
import { ResourceQueue } from "../../../lib/flow/resources/resource_queue.ts";
import { type Assignment, ResourcePool } from "../../../lib/flow/resources/resources.ts";

const request = (cpu: number) => ({ cpu, memoryMB: 0, gpu: 0 });

function queueOf(cpu: number) {
  const queue = new ResourceQueue(new ResourcePool({ cpu, memoryMB: 100, gpus: [] }));
  const given: string[] = [];
  const held = new Map<string, Assignment>();
  const ask = (name: string, cpu: number) =>
    void queue.acquire(request(cpu)).then((assignment) => (given.push(name), held.set(name, assignment)));
  const settle = () => new Promise((resolve) => setTimeout(resolve));
  const release = (name: string) => (queue.release(held.get(name)!), settle());
  return { queue, given, ask, settle, release };
}

Deno.test("first come, first served; what fits beside a large request need not wait for it", async () => {
  const { given, ask, settle, release } = queueOf(4);
  ask("a", 3);
  ask("large", 4);
  ask("small", 1);
  await settle();
  assert.deepEqual(given, ["a", "small"]);
  await release("a");
  assert.deepEqual(given, ["a", "small"]);
  await release("small");
  assert.deepEqual(given, ["a", "small", "large"]);
});

Deno.test("a large request is not put off for ever by a stream of small ones", async () => {
  const { given, ask, settle, release } = queueOf(2);
  ask("first", 1);
  ask("large", 2);
  for (let i = 0; i < 60; i++) ask(`small ${i}`, 1);
  await settle();
  for (let last = given.at(-1)!; !given.includes("large");) {
    const released = given.length;
    await release(last);
    if (given.length === released) await release("first");
    last = given.at(-1)!;
    assert.ok(given.length < 40, "the large request was passed too often");
  }
});

Deno.test("a request that no machine state can meet is refused at once", () => {
  const { queue } = queueOf(2);
  assert.throws(() => queue.acquire({ cpu: 1, memoryMB: 0, gpu: 1 }), /asks for 1 gpu of the 0 here/);
});
