/** What a process has freed between pieces that it uses goes back to the system. */

import assert from "node:assert/strict";

const PIECES = 3000;
const BYTES = 100_000;

const program = `
  import { giveBackFreedMemory } from ${
  JSON.stringify(import.meta.resolve("../../lib/system/freed_memory.ts"))
};
  const stop = giveBackFreedMemory();
  const pieces = Array.from({ length: ${PIECES} }, () => new Uint8Array(${BYTES}).fill(1));
  const kept = pieces.filter((_, i) => i % 20 === 0);
  pieces.length = 0;
  globalThis.gc();
  const before = Deno.memoryUsage().rss;
  let after = before;
  for (let looks = 0; looks < 300 && after > before - ${PIECES * BYTES / 2}; looks++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    after = Deno.memoryUsage().rss;
  }
  stop();
  console.log(JSON.stringify({ before, after, kept: kept.length }));
`;

Deno.test({
  name: "freed memory between pieces in use goes back to the system",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const args = [
      "run",
      "-A",
      "--quiet",
      "--no-config",
      "--v8-flags=--expose-gc",
      "data:text/javascript," + encodeURIComponent(program),
    ];
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    const { before, after } = JSON.parse(new TextDecoder().decode(stdout));
    assert.ok(after < before - PIECES * BYTES / 2, `${before} bytes before, ${after} after`);
  },
});
