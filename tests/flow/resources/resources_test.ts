/** ResourcePool: nothing is given twice, and what is released can be had again. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { type Assignment, ResourcePool } from "../../../lib/flow/resources/resources.ts";

const request = fc.record({
  cpu: fc.integer({ min: 0, max: 6 }),
  memoryMB: fc.integer({ min: 0, max: 3000 }),
  gpu: fc.constantFrom(0, 0.1, 0.25, 1 / 3, 0.5, 0.7, 1, 2, 3),
});

Deno.test("resources are never oversubscribed and all come back, whatever the order of requests", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(request, fc.nat({ max: 20 })), { maxLength: 60 }), (steps) => {
      const machine = { cpu: 4, memoryMB: 2000, gpus: ["0", "1", "GPU-5"] };
      const pool = new ResourcePool(machine);
      const held: Assignment[] = [];
      for (const step of steps) {
        if (typeof step === "number") {
          const [given] = held.splice(step % Math.max(held.length, 1), 1);
          if (given) pool.release(given);
        } else {
          const given = pool.assign(step);
          if (!given) continue;
          held.push(given);
          assert.equal(given.gpus.length, Math.ceil(step.gpu));
          assert.equal(new Set(given.gpus).size, given.gpus.length);
        }
        assert.ok(held.reduce((sum, a) => sum + a.cpu, 0) <= machine.cpu);
        assert.ok(held.reduce((sum, a) => sum + a.memoryMB, 0) <= machine.memoryMB);
        for (const id of machine.gpus) {
          const shares = held.filter((a) => a.gpus.includes(id)).reduce((sum, a) => sum + a.gpuShare, 0);
          assert.ok(shares <= 1 + 1e-9, `gpu ${id} is given ${shares} times`);
        }
      }
      held.forEach((given) => pool.release(given));
      assert.deepEqual(pool.assign({ cpu: 4, memoryMB: 2000, gpu: 3 })?.gpus, ["0", "1", "GPU-5"]);
    }),
  );
});

Deno.test("how often a request could be met now is told without taking anything", () => {
  const pool = new ResourcePool({ cpu: 4, memoryMB: 1000, gpus: [] });
  const request = { cpu: 1, memoryMB: 300, gpu: 0 };
  assert.equal(pool.timesFree(request, 9), 3);
  assert.equal(pool.timesFree(request, 2), 2);
  const given = pool.assign({ ...request, cpu: 3 })!;
  assert.equal(pool.timesFree(request, 9), 1);
  pool.release(given);
  assert.ok(pool.assign({ cpu: 4, memoryMB: 1000, gpu: 0 }));
  assert.equal(pool.timesFree(request, 9), 0);
});

Deno.test("shares gather on one gpu, so that a whole one stays free", () => {
  const pool = new ResourcePool({ cpu: 8, memoryMB: 1000, gpus: ["0", "1"] });
  const half = { cpu: 1, memoryMB: 0, gpu: 0.5 };
  assert.deepEqual(pool.assign(half)?.gpus, ["0"]);
  assert.deepEqual(pool.assign(half)?.gpus, ["0"]);
  assert.deepEqual(pool.assign({ ...half, gpu: 1 })?.gpus, ["1"]);
  assert.equal(pool.assign(half), undefined);
});

Deno.test("a request larger than the machine gets the whole machine; a gpu that is not there is said to be missing", () => {
  const pool = new ResourcePool({ cpu: 2, memoryMB: 1000, gpus: [] });
  assert.deepEqual(pool.assign({ cpu: 16, memoryMB: 64000, gpu: 0 }), {
    cpu: 2,
    memoryMB: 1000,
    gpus: [],
    gpuShare: 0,
  });
  assert.equal(pool.assign({ cpu: 1, memoryMB: 0, gpu: 0 }), undefined);
  assert.equal(pool.missing({ cpu: 16, memoryMB: 0, gpu: 0 }), undefined);
  assert.equal(pool.missing({ cpu: 1, memoryMB: 0, gpu: 0.5 }), "1 gpu of the 0 here");
});

Deno.test("a task that works with less memory takes what is free, from its least on", () => {
  const pool = new ResourcePool({ cpu: 8, memoryMB: 1000, gpus: [] });
  const request = { cpu: 1, memoryMB: 600, leastMB: 250, gpu: 0 };
  const given = () => pool.assign(request)?.memoryMB;
  assert.deepEqual([given(), given(), given()], [600, 400, undefined]);
  const small = new ResourcePool({ cpu: 8, memoryMB: 200, gpus: [] });
  assert.equal(small.assign(request)?.memoryMB, 200, "a machine smaller than the least runs it alone");
  assert.equal(small.assign(request), undefined);
});
