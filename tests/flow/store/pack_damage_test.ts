/** Damage to packs: whatever byte is another, nothing false is given out, verify finds it, and what is right stays. */
import assert from "node:assert";
import { Store } from "../../../lib/flow/store/store.ts";
import type { ActionKey } from "../../../lib/flow/store/types.ts";
import { flip, packedEntries, packFiles } from "./packed.ts";
import { inTemporaryFolder, paramsOf, publishItem } from "./scratch.ts";

const ITEMS = 8;

const textOf = (n: number) => `the text of ${n}`;

async function fill(folder: string): Promise<ActionKey[]> {
  const store = Store.open(folder);
  const published = await Promise.all(
    Array.from(
      { length: ITEMS },
      (_, n) =>
        publishItem(
          store,
          `${n}`,
          n % 2 === 0 ? { "": textOf(n) } : { a: textOf(n), b: "of all" },
          paramsOf(n),
        ),
    ),
  );
  store.close();
  return published.map(({ key }) => key);
}

/** The results that can be used, with the right bytes; all others are not there. */
async function usable(store: Store, keys: readonly ActionKey[]): Promise<number[]> {
  const found = await store.packedItems(keys);
  const numbers: number[] = [];
  for (const [n, key] of keys.entries()) {
    const record = found.get(key);
    if (record === undefined) continue;
    assert.strictEqual(record.key, key);
    const [{ digest }] = store.artifact(record.outputs.out)!.entries;
    assert.strictEqual(store.bytes.text(digest), textOf(n));
    numbers.push(n);
  }
  return numbers;
}

Deno.test("each byte of a sealed pack, flipped: at most what it is of is lost, verify finds it, and mends the pack", () =>
  inTemporaryFolder(async (folder) => {
    const keys = await fill(`${folder}/store`);
    const [original] = packFiles(`${folder}/store`);
    const bytes = Deno.readFileSync(original);
    const places = packedEntries(`${folder}/store`);
    for (let at = 0; at < bytes.length; at += 17) {
      for (const path of packFiles(`${folder}/store`)) Deno.removeSync(path);
      Deno.writeFileSync(original, bytes);
      flip(original, at, 1 << (at % 8));
      const used = Store.open(`${folder}/store`);
      const left = (await usable(used, keys)).length;
      used.close();
      const hit = places.find((place) => place.at <= at && at < place.at + place.size);
      const isShared = hit?.kind === "blob" && new TextDecoder().decode(hit.bytes) === "of all";
      assert.ok(left >= (isShared ? ITEMS / 2 : ITEMS - 1), `byte ${at}: ${left} are left`);
      if (hit === undefined) assert.strictEqual(left, ITEMS, `byte ${at} is of no entry`);

      for (const path of packFiles(`${folder}/store`)) Deno.removeSync(path);
      Deno.writeFileSync(original, bytes);
      flip(original, at, 1 << (at % 8));
      const store = Store.open(`${folder}/store`);
      const damage = await store.verify();
      assert.deepStrictEqual(
        damage.map(({ what, digest }) => [what, digest]),
        [
          hit === undefined
            ? ["pack", original.slice(original.lastIndexOf("/") + 1)]
            : [hit.kind, hit.digest],
        ],
        `byte ${at}`,
      );
      assert.deepStrictEqual(await store.verify(), [], `byte ${at} is mended`);
      assert.strictEqual((await usable(store, keys)).length, left);
      store.close();
    }
  }));

Deno.test("a pack cut short at any byte: what is whole before that stays, and goes on", () =>
  inTemporaryFolder(async (folder) => {
    const keys = await fill(`${folder}/store`);
    const [original] = packFiles(`${folder}/store`);
    const bytes = Deno.readFileSync(original);
    const places = packedEntries(`${folder}/store`);
    for (let end = 0; end < bytes.length; end += 13) {
      for (const path of packFiles(`${folder}/store`)) Deno.removeSync(path);
      Deno.writeFileSync(original, bytes.slice(0, end));
      const whole = places.filter(({ kind, at, size }) => kind === "record" && at + size <= end).length;
      const store = Store.open(`${folder}/store`);
      assert.strictEqual((await usable(store, keys)).length, whole, `${end} bytes`);
      await publishItem(store, "another", { "": "another" });
      store.close();
      const later = Store.open(`${folder}/store`);
      assert.strictEqual((await usable(later, keys)).length, whole, `${end} bytes`);
      assert.deepStrictEqual(await later.verify(), [], `${end} bytes: it was sealed`);
      later.close();
    }
  }));

Deno.test("a damaged pack is quarantined whole, and what is right in it is in a new one at once", () =>
  inTemporaryFolder(async (folder) => {
    const keys = await fill(folder);
    const record = packedEntries(folder).find(({ digest }) => digest === keys[3])!;
    flip(record.path, record.at + 100);
    const store = Store.open(folder);
    assert.strictEqual(store.getRecord(keys[3]), undefined);
    assert.deepStrictEqual(await usable(store, keys), [0, 1, 2, 4, 5, 6, 7]);
    assert.strictEqual([...Deno.readDirSync(`${folder}/quarantine`)].length, 1);
    assert.strictEqual(packFiles(folder).length, 1);
    assert.notStrictEqual(packFiles(folder)[0], record.path);
    assert.deepStrictEqual(await store.verify(), []);
    await publishItem(store, "3", { a: textOf(3), b: "of all" }, paramsOf(3));
    assert.deepStrictEqual((await usable(store, keys)).length, ITEMS);
    store.close();
  }));

Deno.test("what no process has packed is no pack, and is left alone", () =>
  inTemporaryFolder(async (folder) => {
    const keys = await fill(folder);
    Deno.writeTextFileSync(`${folder}/packs/notes.txt`, "of somebody");
    const strange = `${folder}/packs/${crypto.randomUUID()}-1`;
    Deno.writeTextFileSync(strange, "of somebody else");
    const store = Store.open(folder);
    assert.strictEqual((await usable(store, keys)).length, ITEMS);
    assert.deepStrictEqual((await store.verify()).map(({ what }) => what), ["pack"]);
    assert.deepStrictEqual(await store.verify(), []);
    assert.strictEqual(Deno.readTextFileSync(`${folder}/packs/notes.txt`), "of somebody");
    store.close();
  }));

Deno.test("a pack that is known to be right by its stat key is read no more, and read again once that changes", () =>
  inTemporaryFolder(async (folder) => {
    const keys = await fill(folder);
    const [blob] = packedEntries(folder).filter(({ kind }) => kind === "blob");
    const first = Store.open(folder);
    await usable(first, keys);
    first.close();
    const store = Store.open(folder);
    const [pack] = store.packs.all();
    assert.ok(store.packs.keyOfRight(pack) !== undefined, "it is remembered from one process to the next");
    flip(blob.path, blob.at);
    assert.strictEqual(store.packs.keyOfRight(pack), undefined);
    assert.strictEqual((await usable(store, keys)).length, ITEMS - 1);
    store.close();
  }));
