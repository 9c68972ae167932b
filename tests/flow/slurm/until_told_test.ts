/** A signal that was sent in time is noticed, however long this process did not run. */

import assert from "node:assert/strict";
import { untilTold } from "../../../lib/flow/slurm/until_told.ts";

const WAIT_MS = 50;

/** As if others had all processors for so long. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

Deno.test({
  name: "a signal that comes while a process stands still is noticed before its time is over",
  ignore: Deno.build.os === "windows",
  async fn() {
    const told = new AbortController();
    const tell = () => told.abort();
    Deno.addSignalListener("SIGUSR2", tell);
    try {
      assert.equal(await untilTold(told.signal, 1), false);
      const waited = untilTold(told.signal, WAIT_MS);
      Deno.kill(Deno.pid, "SIGUSR2");
      standStill(4 * WAIT_MS);
      assert.equal(await waited, true);
      assert.equal(await untilTold(told.signal, 600_000), true, "at once");
    } finally {
      Deno.removeSignalListener("SIGUSR2", tell);
    }
  },
});
