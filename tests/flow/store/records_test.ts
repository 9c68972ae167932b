/** Records on disk: short ones as text, long ones deflated, and both as stores of version 1 have them. */
import assert from "node:assert";
import { canonicalJson } from "../../../lib/flow/store/canonical_json.ts";
import { sha256Hex } from "../../../lib/flow/store/digest.ts";
import { recordBytes, recordText } from "../../../lib/flow/store/record_text.ts";
import { Store } from "../../../lib/flow/store/store.ts";
import { inTemporaryFolder, paramsOf, publishFiles } from "./scratch.ts";

const version = (folder: string) => Deno.readTextFileSync(`${folder}/version`);

Deno.test("a record comes back as it was written, whatever its length and letters", () => {
  for (const length of [0, 1, 2047, 2048, 2049, 100_000, 5_000_000]) {
    for (const letters of ["a", "ä", "\u{1f426}"]) {
      const text = letters.repeat(length / letters.length);
      assert.strictEqual(recordText(recordBytes(text).bytes), text);
    }
  }
});

Deno.test("no bit of a deflated record can be another", () => {
  const { bytes, isDeflated } = recordBytes(JSON.stringify(paramsOf(1)));
  assert.ok(isDeflated);
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    bytes[bit >> 3] ^= 1 << (bit & 7);
    assert.throws(() => recordText(bytes), { message: "its checksum is wrong" }, `bit ${bit}`);
    bytes[bit >> 3] ^= 1 << (bit & 7);
  }
});

Deno.test("what has the right checksum and is no deflated text is refused as damaged", () =>
  inTemporaryFolder(async (folder) => {
    const store = Store.open(folder);
    const { key } = await publishFiles(store, paramsOf(1), { out: { "": "x" } });
    const path = store.records.path(key);
    const good = Deno.readFileSync(path);
    const head = "protoflow record 2 ".length + 65;
    for (const body of [good.slice(head, -1), good.slice(head + 1), new Uint8Array(3), new Uint8Array()]) {
      Deno.removeSync(path);
      const text = new TextEncoder().encode(`protoflow record 2 ${sha256Hex(body)}\n`);
      Deno.writeFileSync(path, new Uint8Array([...text, ...body]));
      assert.strictEqual(store.getRecord(key), undefined);
      Deno.writeFileSync(path, good);
    }
    assert.ok(store.getRecord(key) !== undefined);
    store.close();
  }));

Deno.test("a store of version 1 is read as it is, and is raised to version 2 by the first deflated record", () =>
  inTemporaryFolder(async (folder) => {
    const made = Store.open(folder);
    const { key, record } = await publishFiles(made, paramsOf(1), { out: { "": "x" } });
    made.close();
    assert.strictEqual(version(folder), "protoflow store 3\n");
    // As an older protoflow wrote it: plain, however long.
    const body = canonicalJson(record);
    const path = made.records.path(key);
    Deno.removeSync(path);
    const plain = `protoflow record 1 ${sha256Hex(body)}\n${body}`;
    Deno.writeTextFileSync(path, plain);
    Deno.writeTextFileSync(`${folder}/version`, "protoflow store 1\n");

    const store = Store.open(folder);
    assert.deepStrictEqual(store.getRecord(key), record);
    assert.ok((await publishFiles(store, paramsOf(1), { out: { "": "x" } })).joined);
    assert.strictEqual(Deno.readTextFileSync(path), plain, "the first record of a key stays");
    await publishFiles(store, paramsOf(2), { out: { "": "short" } });
    store.close();
    await publishFiles(store, paramsOf(3), { out: { "": "long" } });
    store.close();
    assert.strictEqual(version(folder), "protoflow store 2\n");
    assert.deepStrictEqual(await store.verify(), []);
  }));

Deno.test("a store of version 1 keeps its version as long as all its records are short", () =>
  inTemporaryFolder(async (folder) => {
    Deno.writeTextFileSync(`${folder}/version`, "protoflow store 1\n");
    const store = Store.open(folder);
    await publishFiles(store, paramsOf(0), { out: { "": "x" } });
    assert.strictEqual(version(folder), "protoflow store 1\n");
    store.close();
  }));

Deno.test("gc keeps the files of a deflated record that is a root, and removes those of another", () =>
  inTemporaryFolder(async (folder) => {
    const store = Store.open(folder);
    const kept = await publishFiles(store, paramsOf(1), { out: { "": "kept" } });
    const gone = await publishFiles(store, paramsOf(3), { out: { "": "gone" } });
    const { removed } = store.gc({ roots: () => ({ keys: new Set([kept.key]) }) });
    assert.deepStrictEqual(removed.map(({ key }) => key), [gone.key]);
    assert.deepStrictEqual(store.getRecord(kept.key), kept.record);
    assert.deepStrictEqual(await store.checkOutputs(kept.record!), []);
    assert.strictEqual([...store.blobs.all()].length, 1);
    store.close();
  }));

const IN_PLACE: Readonly<Record<string, (path: string) => void>> = {
  folder: (path) => Deno.mkdirSync(`${path}/x`, { recursive: true }),
  link: (path) => Deno.symlinkSync("/nowhere", path),
};

for (const [what, put] of Object.entries(IN_PLACE)) {
  Deno.test(`what is no file in the place of a record or a tree is set aside, and written anew: a ${what}`, () =>
    inTemporaryFolder(async (folder) => {
      const store = Store.open(folder);
      const outputs = { out: { a: "x", b: "y" } };
      const { key } = await publishFiles(store, paramsOf(1), outputs);
      const [tree] = [...store.trees.all()];
      for (const path of [store.records.path(key), store.trees.path(tree)]) {
        Deno.removeSync(path);
        put(path);
      }
      const again = await publishFiles(store, paramsOf(1), outputs);
      assert.deepStrictEqual([again.joined, store.records.get(key)], [false, again.record]);
      assert.deepStrictEqual(await store.verify(), []);
      store.close();
    }));
}
