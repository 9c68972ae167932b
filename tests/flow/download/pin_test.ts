/** Pinning: the first digest seen is written down, and from then on another file is refused. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pinDownload } from "../../../lib/flow/download/pin.ts";

Deno.test("the first digest seen is pinned, and another file is refused from then on", async () => {
  let content = "first";
  const server = createServer((_, response) => void response.end(content));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`;
  const folder = Deno.makeTempDirSync();
  const lock = join(folder, "lock.json");
  const digest = (algorithm: string) => createHash(algorithm).update("first").digest("hex");
  try {
    await assert.rejects(pinDownload(lock, url, "0".repeat(32)), /its md5 is .*expected 0000/);
    assert.throws(() => Deno.statSync(lock), Deno.errors.NotFound);
    const pin = await pinDownload(lock, url, digest("md5"));
    assert.deepEqual(pin, { sha256: digest("sha256"), size: 5 });
    const written = Deno.readTextFileSync(lock);
    assert.deepEqual(JSON.parse(written), { [url]: pin });
    assert.deepEqual(await pinDownload(lock, url), pin);
    content = "other";
    await assert.rejects(pinDownload(lock, url), /its sha256 is .*expected/);
    assert.equal(Deno.readTextFileSync(lock), written);
    Deno.writeTextFileSync(lock, "not JSON");
    await assert.rejects(pinDownload(lock, url), /lock\.json can't be read as JSON/);
  } finally {
    server.close();
    server.closeAllConnections();
    Deno.removeSync(folder, { recursive: true });
  }
});
