/** What is not in use any more is gone when garbage was collected, in a process that has no flag of V8 for it. */

import assert from "node:assert/strict";
import { collectGarbage } from "../../lib/runtime/garbage.ts";

Deno.test("collecting garbage frees buffers that nothing refers to", () => {
  const before = Deno.memoryUsage().external;
  const make = () => new Uint8Array(50_000_000).fill(1)[0];
  make();
  collectGarbage();
  assert.ok(Deno.memoryUsage().external < before + 25_000_000);
});
