/** Integrity: damage of any kind is found before it is used, and mended by running again. */
import assert from "node:assert";
import { actionKey } from "../../../lib/flow/store/manifest.ts";
import { canonicalJson } from "../../../lib/flow/store/canonical_json.ts";
import { sha256Hex, singleFileDigest } from "../../../lib/flow/store/digest.ts";
import { Store } from "../../../lib/flow/store/store.ts";
import type { ActionRecord, FileDigest, TreeDigest, TreeEntry } from "../../../lib/flow/store/types.ts";
import { recordBytes } from "../../../lib/flow/store/record_text.ts";
import { type Files, inTemporaryFolder, manifest, paramsOf, publishFiles } from "./scratch.ts";

const ACTIONS = 400;

/** Every third output is a folder, so that there are blobs, trees and records, of which each second is deflated. */
async function fill(store: Store): Promise<void> {
  for (let n = 0; n < ACTIONS; n++) {
    const files: Files = n % 3 === 0 ? { a: `a ${n}`, "b/c": `c ${n}`.repeat(20) } : { "": `file ${n}` };
    await publishFiles(store, paramsOf(n), { out: files });
  }
}

Deno.test("1,000 flipped bits in blobs, trees and records: all found, none used, all mended by running again", () =>
  inTemporaryFolder(async (folder) => {
    const store = Store.open(folder);
    await fill(store);
    const all = [
      ...[...store.keys()].map((name) => ({ what: "record", name, path: store.records.path(name) })),
      ...[...store.trees.all()].map((name) => ({ what: "tree", name, path: store.trees.path(name) })),
      ...[...store.blobs.all()].map((name) => ({ what: "blob", name, path: store.blobs.path(name) })),
    ];
    assert.ok(all.length > 1000, `${all.length}`);
    const random = generator(1);
    const doomed = shuffled(all, random).slice(0, 1000);
    for (const { path } of doomed) flipBit(path, random);

    // As a task's inputs are looked up: what is damaged is nowhere given out.
    const used = Store.open(folder);
    const names = new Set(doomed.map(({ name }) => name));
    for (const key of [...used.keys()]) {
      const record = used.getRecord(key);
      assert.strictEqual(record === undefined, names.has(key));
      if (record === undefined) continue;
      const { digest } = record.outputs.out;
      const artifact = used.artifact(record.outputs.out);
      assert.strictEqual(artifact === undefined, names.has(digest));
      const isDamaged = (artifact?.entries ?? []).some((entry) => names.has(entry.digest));
      const work = used.workFolder("x");
      if (isDamaged) await assert.rejects(used.materialise(artifact!, `${work}/in`), { code: "store-io" });
      else if (artifact !== undefined) await used.materialise(artifact, `${work}/in`);
      await used.removeFolder(work);
    }
    used.close();

    await fill(store);
    assert.deepStrictEqual(await store.verify(), []);
    store.close();
  }));

Deno.test("verify finds 1,000 flipped bits, each and no more", () =>
  inTemporaryFolder(async (folder) => {
    const store = Store.open(folder);
    await fill(store);
    const all = [
      ...[...store.keys()].map((name) => ({ name, path: store.records.path(name) })),
      ...[...store.trees.all()].map((name) => ({ name, path: store.trees.path(name) })),
      ...[...store.blobs.all()].map((name) => ({ name, path: store.blobs.path(name) })),
    ];
    const random = generator(2);
    const doomed = shuffled(all, random).slice(0, 1000);
    for (const { path } of doomed) flipBit(path, random);
    const damage = await store.verify();
    assert.deepStrictEqual(damage.map(({ digest }) => digest).sort(), doomed.map(({ name }) => name).sort());
    assert.deepStrictEqual(await store.verify(), []);
    assert.strictEqual([...Deno.readDirSync(`${folder}/quarantine`)].length, 1000);
    store.close();
  }));

Deno.test("truncated, empty and foreign records are refused, plain ones and deflated ones", () =>
  inTemporaryFolder(async (folder) => {
    const store = Store.open(folder);
    const other = await publishFiles(store, { n: 0 }, { out: { "": "y" } });
    for (const n of [2, 3]) {
      const { key } = await publishFiles(store, paramsOf(n), { out: { "": "x" } });
      const path = store.records.path(key);
      const good = Deno.readFileSync(path);
      const cases = [
        ...Array.from({ length: 40 }, (_, i) => good.slice(0, Math.floor(good.length * i / 40))),
        new Uint8Array(good.length),
        new Uint8Array([...good, 10]),
        new Uint8Array([255, 254, ...good]),
        Deno.readFileSync(store.records.path(other.key)),
      ];
      for (const bytes of cases) {
        Deno.removeSync(path);
        Deno.writeFileSync(path, bytes);
        assert.strictEqual(store.getRecord(key), undefined);
        Deno.writeFileSync(path, good);
      }
      Deno.removeSync(path);
      Deno.mkdirSync(path);
      assert.strictEqual(store.getRecord(key), undefined);
    }
    store.close();
  }));

Deno.test("a record whose checksum is right but whose content lies is refused", () =>
  inTemporaryFolder(async (folder) => {
    const store = Store.open(folder);
    for (const n of [2, 3]) {
      const { key, record } = await publishFiles(store, paramsOf(n), { out: { "": "x" }, tree: { a: "1" } });
      const path = store.records.path(key);
      const lies: ((record: Mutable) => void)[] = [
        (r) => r.manifest.params.n = 1,
        (r) => r.manifest.schema = 2,
        (r) => r.key = sha256Hex("other"),
        (r) => r.outputs.out.digest = sha256Hex("other"),
        (r) => r.outputs.out.file.digest = sha256Hex("other"),
        (r) => r.outputs.out.file.path = "../../etc/passwd",
        (r) => r.outputs.out.file.size = 7,
        (r) => r.outputs.out.bytes = -1,
        (r) => delete r.outputs.out,
        (r) => r.outputs["../x"] = r.outputs.out,
        (r) => r.outputs = null,
        (r) => r.facts = {},
      ];
      for (const lie of lies) {
        const liar = JSON.parse(JSON.stringify(record));
        lie(liar);
        Deno.removeSync(path);
        writeRecord(path, liar);
        assert.strictEqual(store.getRecord(key), undefined, lie.toString());
        writeRecord(path, record!);
      }
      assert.deepStrictEqual(store.getRecord(key), record);
    }
    store.close();
  }));

Deno.test("a record with a lying digest: bytes that do not have it are never given out", () =>
  inTemporaryFolder(async (folder) => {
    const store = Store.open(folder);
    const made = manifest({ n: 1 });
    const key = actionKey(made);
    const file: TreeEntry = { path: "", digest: sha256Hex("what it should be") as FileDigest, size: 3 };
    const lie = { digest: singleFileDigest(file), files: 1, bytes: 3, file };
    const record: ActionRecord = {
      key,
      manifest: made,
      outputs: { out: lie },
      facts: { started: "now", ms: 1 },
    };
    Deno.mkdirSync(store.records.path(key).slice(0, -65), { recursive: true });
    writeRecord(store.records.path(key), record);
    Deno.mkdirSync(store.blobPath(file.digest).slice(0, -65), { recursive: true });
    Deno.writeTextFileSync(store.blobPath(file.digest), "lie");
    assert.deepStrictEqual((await store.checkOutputs(store.getRecord(key)!)).map(({ what }) => what), [
      "blob",
    ]);
    await assert.rejects(store.materialise({ digest: lie.digest, entries: [file] }, `${folder}/in`), {
      code: "store-io",
    });
    store.close();
  }));

Deno.test("a tree whose digest is right but whose names lead out of it is refused", () =>
  inTemporaryFolder((folder) => {
    const store = Store.open(folder);
    const entry = (path: string): TreeEntry => ({ path, digest: sha256Hex("x") as FileDigest, size: 1 });
    const trees: unknown[] = [
      [entry("../../home/x")],
      [entry("/etc/passwd")],
      [entry("a\nb")],
      [entry("b"), entry("a")],
      [entry("A"), entry("a")],
      [entry("a"), entry("a/b")],
      [{ ...entry("a"), digest: "../../x" }],
      [{ ...entry("a"), size: -1 }],
      [null],
      { a: 1 },
      "a",
    ];
    for (const tree of trees) {
      const text = canonicalJson({ schema: 1, tree });
      const digest = sha256Hex(text) as TreeDigest;
      Deno.mkdirSync(store.trees.path(digest).slice(0, -65), { recursive: true });
      Deno.writeTextFileSync(store.trees.path(digest), text);
      assert.strictEqual(store.artifact({ digest, files: 1, bytes: 1 }), undefined, text);
    }
    store.close();
  }));

// deno-lint-ignore no-explicit-any -- its parts are made wrong on purpose
type Mutable = any;

function writeRecord(path: string, record: unknown): void {
  Deno.writeFileSync(path, recordBytes(canonicalJson(record)).bytes);
}

/** Changes one bit and puts the modification time back. */
function flipBit(path: string, random: () => number): void {
  const { mtime } = Deno.statSync(path);
  const bytes = Deno.readFileSync(path);
  bytes[Math.floor(random() * bytes.length)] ^= 1 << Math.floor(random() * 8);
  Deno.chmodSync(path, 0o644);
  Deno.writeFileSync(path, bytes);
  Deno.utimeSync(path, mtime!, mtime!);
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items.map((item) => ({ item, at: random() })).sort((a, b) => a.at - b.at).map(({ item }) => item);
}

/** A linear congruential generator (Knuth's MMIX), for the same damage in every run. */
function generator(seed: number): () => number {
  let state = BigInt(seed);
  return () => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return Number(state >> 11n) / 2 ** 53;
  };
}
