/** TensorFlow.js on CUDA computes on a GPU or not at all. */

import assert from "node:assert/strict";
import { requireGpu } from "../../../lib/runtime/tfjs/backend.ts";

Deno.test("a backend that fell back to the CPU is refused, one on a GPU is taken", () => {
  requireGpu({ isUsingGpuDevice: true });
  for (const backend of [{ isUsingGpuDevice: false }, {}]) {
    assert.throws(() => requireGpu(backend), /would compute on the CPU/);
  }
});
