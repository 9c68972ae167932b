/** Results that one store sends and another fetches: records first, files when they are asked for. */

import assert from "node:assert/strict";
import { sha256Hex } from "../../../lib/flow/store/digest.ts";
import { publishFiles } from "../store/scratch.ts";
import { sharing } from "./cache_server.ts";

/** More than one chunk. */
function longBytes(): Uint8Array {
  const bytes = new Uint8Array((16 << 20) + 12_345);
  for (let i = 0; i < bytes.length; i += 4096) bytes[i] = i >> 12;
  return bytes;
}

const OUTPUTS = {
  table: { "": "a,b\n1,2\n" },
  images: { "one.png": "first", "below/two.png": "second", "below/deep/three.png": "first", "empty": "" },
  model: { "": longBytes() },
};

Deno.test("a result that one store sends is found by another, which fetches the outputs that are asked for", () =>
  sharing(async ({ server, store, cache, warnings }) => {
    const [here, there] = [store(), store()];
    const { record, key } = await publishFiles(here, { a: 1 }, OUTPUTS);
    const sending = cache(here);
    sending.offer(record!);
    assert.equal((await sending.finish()).sent, 1);
    for (const [path, bytes] of server.kept) {
      if (path.startsWith("cas/")) assert.equal(path, `cas/${sha256Hex(bytes)}`);
    }

    const fetching = cache(there);
    server.fetchedBytes = 0;
    const found = await fetching.find(key);
    assert.deepEqual(found, record);
    assert.equal(server.count("GET", "cas"), 0, "a file was fetched that nothing asked for");
    assert.ok(fetching.lacks(key));
    const entryBytes = server.kept.get(`ac/${key}`)!.length;
    assert.equal(server.fetchedBytes, entryBytes);

    assert.ok(await fetching.bring([found!.outputs.table]));
    assert.equal(server.fetchedBytes, entryBytes + found!.outputs.table.bytes);
    assert.equal(there.getRecord(key), undefined, "the store has a record without its files");

    assert.ok(await fetching.bring(Object.values(found!.outputs)));
    assert.ok(!fetching.lacks(key));
    assert.deepEqual(there.getRecord(key), record);
    assert.deepEqual(await there.checkOutputs(record!), []);
    // The file that comes twice is fetched once, the empty one never.
    assert.equal(server.count("GET", "cas"), 1 + 3 + 3);
    assert.deepEqual(warnings, []);
    assert.deepEqual(await there.verify(), []);
  }));

Deno.test("what a store has is not fetched, also chunks that came before a process was killed", () =>
  sharing(async ({ server, store, cache }) => {
    const [here, there] = [store(), store()];
    const { record, key } = await publishFiles(here, { a: 1 }, { model: { "": longBytes() } });
    const sending = cache(here);
    sending.offer(record!);
    await sending.finish();
    const second = sha256Hex(longBytes().subarray(16 << 20));
    server.fault = (_request, path) =>
      path === `cas/${second}` ? new Response(null, { status: 500 }) : undefined;
    assert.equal(await cache(there).bringResult(key), undefined);
    server.fault = () => undefined;
    server.requests.length = 0;
    assert.deepEqual(await cache(there).bringResult(key), record);
    assert.equal(server.count("GET", "cas"), 2, "the list of chunks and the second chunk were to be fetched");
    assert.deepEqual(await there.verify(), []);
  }));

Deno.test("files that a cache has are sent once, and those of a state that a chain has passed never", () =>
  sharing(async ({ server, store, cache }) => {
    const here = store();
    const sending = cache(here);
    const one = await publishFiles(here, { a: 1 }, { out: { "": "same" } });
    const other = await publishFiles(here, { a: 2 }, { out: { "": "same" } });
    sending.offer(one.record!);
    sending.offer(other.record!);
    sending.offer({ ...one.record!, facts: { ...one.record!.facts, state: "passed" } });
    assert.equal((await sending.finish()).sent, 2);
    assert.equal(server.count("PUT", "cas"), 1);
    assert.equal(server.count("PUT", "ac"), 2);
  }));

Deno.test("nothing is sent to a cache that is only read", () =>
  sharing(async ({ server, store, cache }) => {
    const here = store();
    const { record } = await publishFiles(here, { a: 1 }, { out: { "": "text" } });
    const reading = cache(here, { write: false });
    reading.offer(record!);
    assert.equal((await reading.finish()).sent, 0);
    assert.deepEqual(server.requests, []);
  }));
