/** Packs: results of items are few files, found by every process, right or not there, and gone with a garbage collection. */
import assert from "node:assert";
import { actionKey } from "../../../lib/flow/store/manifest.ts";
import { PACKED_UP_TO_BYTES } from "../../../lib/flow/store/pack_format.ts";
import { Store } from "../../../lib/flow/store/store.ts";
import type { ActionKey, OutputRef } from "../../../lib/flow/store/types.ts";
import { flip, packedEntries, packFiles } from "./packed.ts";
import {
  type Files,
  inTemporaryFolder,
  itemManifest,
  paramsOf,
  publishFiles,
  publishItem,
  readFiles,
} from "./scratch.ts";

/** Every third result is a folder, every second record is deflated. */
const filesOf = (n: number): Files => n % 3 === 0 ? { a: `a ${n}`, "b/c": `c ${n}` } : { "": `file ${n}` };

async function publishMany(store: Store, from: number, to: number): Promise<ActionKey[]> {
  const numbers = Array.from({ length: to - from }, (_, i) => from + i);
  const published = await Promise.all(
    numbers.map((n) => publishItem(store, `item ${n}`, filesOf(n), paramsOf(n))),
  );
  return published.map(({ key }) => key);
}

/** The files of a result as a task would see them; undefined where it has to be made. */
async function seen(store: Store, key: ActionKey): Promise<Record<string, string> | undefined> {
  const record = (await store.packedItems([key])).get(key) ?? store.getRecord(key);
  if (record === undefined || (await store.checkOutputs(record)).length > 0) return undefined;
  return await materialised(store, record.outputs.out);
}

async function materialised(store: Store, output: OutputRef): Promise<Record<string, string>> {
  const work = store.workFolder("seen");
  await store.materialise(store.artifact(output)!, `${work}/out`);
  const files = Object.entries(readFiles(work)).map(([path, text]) => [path.replace(/^out\/?/, ""), text]);
  await store.removeFolder(work);
  return Object.fromEntries(files);
}

async function assertAll(store: Store, keys: readonly ActionKey[], from = 0): Promise<void> {
  for (const [i, key] of keys.entries()) assert.deepStrictEqual(await seen(store, key), filesOf(from + i));
}

const storeFiles = (store: Store) =>
  Object.keys(readFiles(store.folder)).filter((path) => /^(blobs|trees|records|packs)\//.test(path));

Deno.test("300 items are one file, and found by who packed them, by others at once, and later", () =>
  inTemporaryFolder(async (folder) => {
    const store = Store.open(folder);
    const other = Store.open(folder, "another process");
    await other.packedItems([]);
    const keys = await publishMany(store, 0, 300);
    await assertAll(store, keys);
    await assertAll(other, keys);
    assert.strictEqual(storeFiles(store).length, 1);
    store.close();
    await assertAll(other, keys);
    other.close();
    const later = Store.open(folder);
    await assertAll(later, keys);
    assert.deepStrictEqual(await later.verify(), []);
    assert.strictEqual(storeFiles(later).length, 1);
    assert.strictEqual(Deno.readTextFileSync(`${folder}/version`), "protoflow store 3\n");
    later.close();
  }));

Deno.test("what was written by the item is gone from its folder, and a long file is a blob of its own", () =>
  inTemporaryFolder(async (folder) => {
    const store = Store.open(folder);
    const long = "x".repeat(PACKED_UP_TO_BYTES + 1);
    const short = "y".repeat(PACKED_UP_TO_BYTES);
    const { key, record } = await publishItem(store, "a", { long, short, run: "#!" });
    const { entries } = store.artifact(record!.outputs.out)!;
    const digestOf = (path: string) => entries.find((entry) => entry.path === path)!.digest;
    assert.strictEqual(Deno.readTextFileSync(store.blobPath(digestOf("long"))), long);
    assert.throws(() => Deno.statSync(store.blobPath(digestOf("short"))), Deno.errors.NotFound);
    assert.strictEqual(store.bytes.text(digestOf("short")), short);
    assert.strictEqual(store.bytes.text(digestOf("long")), long);
    assert.deepStrictEqual(await seen(store, key), { long, short, run: "#!" });
    store.close();
  }));

Deno.test("an executable file stays one, and what a task does to its copy changes nothing", () =>
  inTemporaryFolder(async (folder) => {
    const store = Store.open(folder);
    const work = store.workFolder("x");
    Deno.mkdirSync(`${work}/out`);
    Deno.writeTextFileSync(`${work}/out/run`, "#!/bin/sh\n", { mode: 0o755 });
    const { manifest, key } = itemOf("a");
    const { record } = await store.publish({ key, manifest, folder: work, facts: { started: "now", ms: 1 } });
    const artifact = store.artifact(record!.outputs.out)!;
    await store.materialise(artifact, `${folder}/in`);
    assert.strictEqual(Deno.statSync(`${folder}/in/run`).mode! & 0o777, 0o555);
    Deno.chmodSync(`${folder}/in/run`, 0o755);
    Deno.writeTextFileSync(`${folder}/in/run`, "changed");
    assert.deepStrictEqual(await store.checkOutputs(record!), []);
    assert.strictEqual(store.bytes.text(artifact.entries[0].digest), "#!/bin/sh\n");
    store.close();
  }));

Deno.test("an item whose source changed is not kept", () =>
  inTemporaryFolder(async (folder) => {
    const store = Store.open(folder);
    const work = store.workFolder("x");
    Deno.writeTextFileSync(`${work}/out`, "made of another source");
    const { manifest, key } = itemOf("a");
    const facts = { started: "now", ms: 1 };
    const published = await store.publish({
      key,
      manifest,
      folder: work,
      facts,
      beforeRecord: () => ["text"],
    });
    assert.deepStrictEqual(published, { joined: false, drift: ["text"] });
    assert.strictEqual(store.getRecord(key), undefined);
    store.close();
    assert.strictEqual(Store.open(folder).getRecord(key), undefined);
  }));

Deno.test("the first record of an item stays, in one process and in two; one without its files makes way", () =>
  inTemporaryFolder(async (folder) => {
    const store = Store.open(folder);
    const other = Store.open(folder, "another process");
    const first = await publishItem(store, "a", { "": "one" });
    for (const again of [store, other]) {
      const second = await publishItem(again, "a", { "": "two" });
      assert.ok(second.joined);
      assert.deepStrictEqual(second.record, first.record);
    }
    const both = await Promise.all([store, other].map((one) => publishItem(one, "b", { "": "three" })));
    assert.deepStrictEqual(both.map(({ joined }) => joined).sort(), [false, true]);
    other.close();
    store.close();

    const [blob] = packedEntries(folder).filter(({ kind, bytes }) =>
      kind === "blob" && new TextDecoder().decode(bytes) === "one"
    );
    flip(blob.path, blob.at);
    const next = Store.open(folder);
    assert.strictEqual(await seen(next, first.key), undefined);
    assert.ok(!(await publishItem(next, "a", { "": "two" })).joined);
    assert.deepStrictEqual(await seen(next, first.key), { "": "two" });
    next.close();
    const last = Store.open(folder);
    assert.deepStrictEqual(await seen(last, first.key), { "": "two" });
    assert.deepStrictEqual(await last.verify(), []);
    last.close();
  }));

Deno.test("an output of another task with the bytes of an item is a file of its own, and each stays without the other", () =>
  inTemporaryFolder(async (folder) => {
    const store = Store.open(folder);
    const item = await publishItem(store, "a", { "": "the same" });
    const task = await publishFiles(store, { n: 1 }, { out: { "": "the same" } });
    const log = store.putText("the same");
    assert.ok(Deno.statSync(store.blobPath(log)).isFile);
    store.gc({ roots: () => ({ keys: new Set([task.key]) }) });
    assert.strictEqual(store.getRecord(item.key), undefined);
    assert.deepStrictEqual(await store.checkOutputs(task.record!), []);
    await publishItem(store, "a", { "": "the same" });
    store.gc({ roots: () => ({ keys: new Set([item.key]) }) });
    assert.deepStrictEqual(await seen(store, item.key), { "": "the same" });
    store.close();
  }));

Deno.test("gc: what stays of packs is put together, the rest is gone, and ages stay as they were", () =>
  inTemporaryFolder(async (folder) => {
    const all: ActionKey[] = [];
    for (let pack = 0; pack < 4; pack++) {
      const store = Store.open(folder);
      all.push(...await publishMany(store, pack * 10, pack * 10 + 10));
      store.close();
    }
    assert.strictEqual(packFiles(folder).length, 4);
    const store = Store.open(folder);
    const ages = new Map(all.map((key) => [key, store.records.keptAt(key)]));
    const dry = store.gc({ roots: () => ({ keys: new Set(all.slice(5, 35)) }), dryRun: true });
    const report = store.gc({ roots: () => ({ keys: new Set(all.slice(5, 35)) }) });
    assert.deepStrictEqual(report, dry);
    assert.strictEqual(report.removed.length, 10);
    assert.strictEqual(packFiles(folder).length, 1);
    await assertAll(store, all.slice(5, 35), 5);
    for (const key of [...all.slice(0, 5), ...all.slice(35)]) {
      assert.strictEqual(store.getRecord(key), undefined);
    }
    for (const key of all.slice(5, 35)) assert.strictEqual(store.records.keptAt(key), ages.get(key));
    assert.deepStrictEqual(await store.verify(), []);
    store.close();
    const { keptBytes, bytes } = Store.open(folder).gc({ roots: () => ({ keys: new Set() }) });
    assert.strictEqual(keptBytes, 0);
    assert.ok(bytes > 0);
    assert.deepStrictEqual(packFiles(folder), []);
  }));

Deno.test("a process that had looked results up finds them after a garbage collection has moved them", () =>
  inTemporaryFolder(async (folder) => {
    const store = Store.open(folder);
    const keys = await publishMany(store, 0, 20);
    store.close();
    const reader = Store.open(folder, "a reader");
    await assertAll(reader, keys);
    reader.leases.close();
    const collector = Store.open(folder, "gc");
    collector.gc({ roots: () => ({ keys: new Set(keys.slice(10)) }) });
    collector.close();
    for (const [i, key] of keys.entries()) {
      const record = reader.getRecord(key);
      const damage = record && await reader.checkOutputs(record);
      assert.strictEqual(damage?.length === 0, i >= 10);
      if (record === undefined || i < 10) continue;
      const texts = reader.artifact(record.outputs.out)!.entries.map(({ digest }) =>
        reader.bytes.text(digest)
      );
      assert.deepStrictEqual(texts, Object.values(filesOf(i)));
    }
    reader.close();
  }));

Deno.test("while another process works on the store, no pack is touched", () =>
  inTemporaryFolder(async (folder) => {
    const other = Store.open(folder, "another run");
    const keys = await publishMany(other, 0, 10);
    const store = Store.open(folder);
    const before = packFiles(folder);
    assert.ok(store.gc({ roots: () => ({ keys: new Set() }) }).disturbed);
    assert.deepStrictEqual(packFiles(folder), before);
    await assertAll(other, keys);
    other.close();
    store.close();
  }));

function itemOf(item: string) {
  const manifest = itemManifest(item);
  return { manifest, key: actionKey(manifest) };
}
