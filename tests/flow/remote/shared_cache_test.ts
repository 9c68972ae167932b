/** Results that one store sends and another fetches: records first, files when they are asked for. */

import assert from "node:assert/strict";
import { sha256Hex } from "../../../lib/flow/store/digest.ts";
import type { ActionKey } from "../../../lib/flow/store/types.ts";
import { type Files, paramsOf, publishFiles, publishItem, readFiles } from "../store/scratch.ts";
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

Deno.test("small files of a fetched result come into a pack, and its record is written when all of them are there", () =>
  sharing(async ({ store, cache }) => {
    const [here, there] = [store(), store()];
    const sending = cache(here);
    const published = await Promise.all(
      Array.from(
        { length: 20 },
        (_, n) => publishFiles(here, { n }, { ...OUTPUTS, table: { "": `${n}` }, twin: { "": `${n % 3}` } }),
      ),
    );
    for (const { record } of published) sending.offer(record!);
    await sending.finish();

    const { packing, records, blobs } = there;
    const keep = packing.keep.bind(packing);
    const add = records.add.bind(records);
    // What is to be packed comes later than a long file.
    packing.keep = async (result) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      return await keep(result);
    };
    records.add = (record, temporary) => {
      for (const output of Object.values(record.outputs)) {
        const { entries } = there.artifact(output)!;
        assert.deepEqual(blobs.missing(entries.map(({ digest }) => digest)), []);
      }
      return add(record, temporary);
    };
    const fetching = cache(there);
    const fetched = await Promise.all(published.map(({ key }) => fetching.bringResult(key)));
    assert.deepEqual(fetched, published.map(({ record }) => record));
    const kept = Object.keys(readFiles(there.folder)).map((path) => path.split("/")[0]);
    const count = (area: string) => kept.filter((one) => one === area).length;
    assert.deepEqual([count("blobs"), count("trees"), count("records"), count("packs")], [1, 0, 20, 1]);
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

/** Some are folders, some have the same bytes as others, and one is too long for a pack. */
function itemFiles(n: number): Files {
  if (n === 5) return { "": new Uint8Array(100_000).fill(5) };
  return n % 3 === 0 ? { a: `a ${n % 6}`, "below/b": "the same", empty: "" } : { "": `file ${n % 7}` };
}

Deno.test("results of items come into a pack, those of which a file is gone do not", () =>
  sharing(async ({ server, store, cache, warnings }) => {
    const [here, there] = [store(), store()];
    const sending = cache(here);
    const keys: ActionKey[] = [];
    for (let n = 0; n < 40; n++) {
      const { record, key } = await publishItem(here, `item ${n}`, itemFiles(n), paramsOf(n));
      sending.offer(record!);
      keys.push(key);
    }
    assert.equal((await sending.finish()).sent, keys.length);
    server.kept.delete(`cas/${sha256Hex("file 4")}`);
    server.kept.set(`cas/${sha256Hex("a 3")}`, new TextEncoder().encode("b 3"));

    const fetching = cache(there);
    const found = await Promise.all(keys.map((key) => fetching.bringResult(key)));
    const isLost = (n: number) => n % 3 === 0 ? n % 6 === 3 : n % 7 === 4;
    for (const [n, key] of keys.entries()) {
      assert.equal(found[n] === undefined, isLost(n), `item ${n}`);
      assert.deepEqual(there.getRecord(key), found[n]);
      if (found[n] !== undefined) assert.deepEqual(await there.checkOutputs(found[n]), []);
    }
    const kept = Object.keys(readFiles(there.folder)).filter((path) =>
      /^(blobs|trees|records|packs)/.test(path)
    );
    assert.deepEqual(kept.map((path) => path.split("/")[0]).sort(), ["blobs", "packs"]);
    assert.equal(warnings.length, 1);
    assert.deepEqual(await there.verify(), []);
    const again = cache(there);
    for (const [n, key] of keys.entries()) {
      if (!isLost(n)) assert.ok(await again.bring(Object.values((await again.find(key))!.outputs)));
    }
  }));
