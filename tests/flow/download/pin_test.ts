/** Pinning: a digest is written down, and from then on another file is refused. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pinDownload, writePin } from "../../../lib/flow/download/pin.ts";

const digest = (text: string) => createHash("sha256").update(text).digest("hex");

Deno.test("the first digest seen is pinned, and another file is refused from then on", async () => {
  let content = "first";
  const server = createServer((_, response) => void response.end(content));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`;
  const folder = Deno.makeTempDirSync();
  const lock = join(folder, "lock.json");
  try {
    const pin = await pinDownload(lock, url);
    assert.deepEqual(pin, { sha256: digest("first"), size: 5 });
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

Deno.test("a digest that is known is written down as it is, and never over another one", () => {
  const folder = Deno.makeTempDirSync();
  const lock = join(folder, "lock.json");
  const pin = { sha256: digest("first"), size: 5 };
  try {
    writePin(lock, "https://example.org/b", pin);
    writePin(lock, "https://example.org/a", pin);
    const written = Deno.readTextFileSync(lock);
    assert.deepEqual(Object.entries(JSON.parse(written)), [
      ["https://example.org/a", pin],
      ["https://example.org/b", pin],
    ]);
    writePin(lock, "https://example.org/a", pin);
    for (const other of [{ ...pin, size: 6 }, { ...pin, sha256: digest("other") }]) {
      assert.throws(() => writePin(lock, "https://example.org/a", other), /is pinned in .* already: sha256/);
    }
    for (const none of [{ ...pin, sha256: "abc" }, { ...pin, size: 0.5 }, { ...pin, size: NaN }]) {
      assert.throws(() => writePin(lock, "https://example.org/c", none), /is not a pin/);
    }
    assert.equal(Deno.readTextFileSync(lock), written);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
