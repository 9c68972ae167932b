/** Publishing and using results: what comes back is what was made, and what can't be kept is refused. */
import assert from "node:assert";
import { actionKey } from "../../../lib/flow/store/manifest.ts";
import { Store } from "../../../lib/flow/store/store.ts";
import { inTemporaryFolder, manifest, publishFiles, readFiles, writeFiles } from "./scratch.ts";

async function inStore(body: (store: Store, folder: string) => void | Promise<void>): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const store = Store.open(`${folder}/store`);
    await body(store, folder);
    store.close();
  });
}

/** Long enough to be linked rather than copied. */
const LONG = "x".repeat(100_000);

Deno.test("files, folders, empty ones and long ones come back as they were", () =>
  inStore(async (store, folder) => {
    const outputs = { file: { "": "text" }, tree: { "a/b": "1", "a/c": LONG, d: "" }, empty: {} };
    const { record, key } = await publishFiles(store, { n: 1 }, outputs);
    assert.deepStrictEqual(store.getRecord(key), record);
    assert.deepStrictEqual(await store.checkOutputs(record!), []);
    assert.deepStrictEqual([record!.outputs.tree.files, record!.outputs.tree.bytes], [3, 100_001]);
    for (const [name, files] of Object.entries(outputs)) {
      Deno.mkdirSync(`${folder}/got`, { recursive: true });
      await store.materialise(store.artifact(record!.outputs[name])!, `${folder}/got/${name}`);
      if ("" in files) assert.strictEqual(Deno.readTextFileSync(`${folder}/got/${name}`), files[""]);
      else assert.deepStrictEqual(readFiles(`${folder}/got/${name}`), files);
    }
  }));

Deno.test("the same bytes are kept once, and an output of the same bytes has the same digest", () =>
  inStore(async (store) => {
    const a = await publishFiles(store, { n: 1 }, { out: { x: LONG, y: LONG } });
    const b = await publishFiles(store, { n: 2 }, { out: { y: LONG, x: LONG } });
    assert.notStrictEqual(a.key, b.key);
    assert.strictEqual(a.record!.outputs.out.digest, b.record!.outputs.out.digest);
    assert.strictEqual([...store.blobs.all()].length, 1);
  }));

Deno.test("an executable stays one, beside the same bytes that are not", () =>
  inStore(async (store, folder) => {
    const work = store.workFolder("x");
    writeFiles(`${work}/out`, { run: "#!/bin/sh\necho hi\n", text: "#!/bin/sh\necho hi\n" });
    Deno.chmodSync(`${work}/out/run`, 0o755);
    const made = manifest({ n: 1 });
    const facts = { started: "2026-01-01T00:00:00Z", ms: 1 };
    const { record } = await store.publish({ key: actionKey(made), manifest: made, folder: work, facts });
    await store.materialise(store.artifact(record!.outputs.out)!, `${folder}/got`);
    assert.strictEqual(Deno.statSync(`${folder}/got/run`).mode! & 0o777, 0o555);
    assert.strictEqual(Deno.statSync(`${folder}/got/text`).mode! & 0o777, 0o444);
  }));

Deno.test("links inside of an output are kept as the files they name, whichever comes first", () =>
  inStore(async (store, folder) => {
    const work = store.workFolder("x");
    writeFiles(`${work}/out`, { m: "bytes" });
    Deno.symlinkSync("m", `${work}/out/a`);
    Deno.symlinkSync("m", `${work}/out/z`);
    const made = manifest({ n: 1 });
    const facts = { started: "2026-01-01T00:00:00Z", ms: 1 };
    const { record } = await store.publish({ key: actionKey(made), manifest: made, folder: work, facts });
    assert.deepStrictEqual(await store.checkOutputs(record!), []);
    await store.materialise(store.artifact(record!.outputs.out)!, `${folder}/got`);
    assert.deepStrictEqual(readFiles(`${folder}/got`), { a: "bytes", m: "bytes", z: "bytes" });
    assert.ok(Deno.lstatSync(store.blobPath(store.artifact(record!.outputs.out)!.entries[0].digest)).isFile);
  }));

Deno.test("a missing output, and links out of it, are refused and nothing is published", () =>
  inStore(async (store) => {
    const made = manifest({ n: 1 });
    const key = actionKey(made);
    const facts = { started: "2026-01-01T00:00:00Z", ms: 1 };
    const empty = store.workFolder("x");
    await assert.rejects(store.publish({ key, manifest: made, folder: empty, facts }), {
      code: "output-missing",
    });
    for (const target of ["/etc/passwd", "../secret"]) {
      const work = store.workFolder("x");
      writeFiles(work, { secret: "s", "out/a": "1" });
      Deno.symlinkSync(target, `${work}/out/link`);
      await assert.rejects(store.publish({ key, manifest: made, folder: work, facts }), {
        code: "output-refused",
      });
      const root = store.workFolder("x");
      Deno.symlinkSync(target, `${root}/out`);
      await assert.rejects(store.publish({ key, manifest: made, folder: root, facts }), {
        code: "output-refused",
      });
    }
    assert.strictEqual(store.getRecord(key), undefined);
  }));

Deno.test("a veto keeps the record from being written", () =>
  inStore(async (store) => {
    const work = store.workFolder("x");
    writeFiles(work, { "out/a": "1" });
    const made = manifest({ n: 1 });
    const key = actionKey(made);
    const facts = { started: "2026-01-01T00:00:00Z", ms: 1 };
    const beforeRecord = () => ["words.txt"];
    const published = await store.publish({ key, manifest: made, folder: work, facts, beforeRecord });
    assert.deepStrictEqual(published, { joined: false, drift: ["words.txt"] });
    assert.strictEqual(store.getRecord(key), undefined);
  }));

Deno.test("the first good record of a key stays; one whose output is damaged makes way", () =>
  inStore(async (store) => {
    const first = await publishFiles(store, { n: 1 }, { out: { "": "first" } });
    const second = await publishFiles(store, { n: 1 }, { out: { "": "second" } });
    assert.strictEqual(second.joined, true);
    assert.deepStrictEqual(second.record, first.record);
    Deno.removeSync(store.blobPath(first.record!.outputs.out.file!.digest));
    const third = await publishFiles(store, { n: 1 }, { out: { "": "third" } });
    assert.strictEqual(third.joined, false);
    assert.deepStrictEqual(store.getRecord(third.key), third.record);
  }));

Deno.test("a linked input does not make the store read its blob again", () =>
  inStore(async (store) => {
    const { record } = await publishFiles(store, { n: 1 }, { out: { "": LONG } });
    const work = store.workFolder("x");
    await store.materialise(store.artifact(record!.outputs.out)!, `${work}/in`);
    const { file } = record!.outputs.out;
    const path = store.blobPath(file!.digest);
    assert.strictEqual(
      Deno.statSync(path).nlink,
      Deno.statSync(`${work}/in`).ino === Deno.statSync(path).ino ? 2 : 1,
    );
    await store.removeFolder(work);
    // Unreadable bytes would be found missing if they were read.
    const before = Deno.statSync(path).atime;
    assert.deepStrictEqual(await store.checkOutputs(record!), []);
    assert.deepStrictEqual(Deno.statSync(path).atime, before);
  }));

Deno.test("an input that a task wrote to is never used again", () =>
  inStore(async (store, folder) => {
    const { record } = await publishFiles(store, { n: 1 }, { out: { "": LONG } });
    const work = store.workFolder("x");
    await store.materialise(store.artifact(record!.outputs.out)!, `${work}/in`);
    Deno.chmodSync(`${work}/in`, 0o644);
    Deno.writeTextFileSync(`${work}/in`, "y".repeat(LONG.length));
    await store.removeFolder(work);
    const isLinked = (await store.checkOutputs(record!)).length > 0;
    if (!isLinked) return; // The disk shares bytes without sharing changes.
    await assert.rejects(store.materialise(store.artifact(record!.outputs.out)!, `${folder}/got`), {
      code: "store-io",
    });
  }));

Deno.test("texts are kept by digest", () =>
  inStore((store) => {
    const digest = store.putText("a log\nof ünicode\n");
    assert.strictEqual(store.putText("a log\nof ünicode\n"), digest);
    assert.strictEqual(store.getText(digest), "a log\nof ünicode\n");
    Deno.chmodSync(store.blobPath(digest), 0o644);
    Deno.writeTextFileSync(store.blobPath(digest), "a lie");
    assert.strictEqual(store.getText(digest), undefined);
    assert.strictEqual(store.putText("a log\nof ünicode\n"), digest);
    assert.strictEqual(store.getText(digest), "a log\nof ünicode\n");
  }));
