/** Names that NFS gives to files which are removed while they are open: they are no files of a store, source or output. */
import assert from "node:assert";
import { isHeldOpen } from "../../../lib/flow/store/held_open.ts";
import { entriesOf, LAYOUT } from "../../../lib/flow/store/layout.ts";
import { Store } from "../../../lib/flow/store/store.ts";
import { isStale, retryStale } from "../../../lib/system/stale.ts";
import { inTemporaryFolder, publishFiles, publishItem } from "./scratch.ts";

const HELD = ".nfs00000000009e67f22265b1f5";

Deno.test("a name of NFS is one with its digits", () => {
  assert.ok(isHeldOpen(HELD));
  for (const name of [".nfs", ".nfsmount.conf", "nfs00000000009e67f22265b1f5", `${HELD}.txt`]) {
    assert.ok(!isHeldOpen(name), name);
  }
});

Deno.test("a file that is removed and still open belongs to no source and no output, and stops no command", () =>
  inTemporaryFolder(async (folder) => {
    const store = Store.open(`${folder}/store`);
    Deno.mkdirSync(`${folder}/source/below`, { recursive: true });
    Deno.writeTextFileSync(`${folder}/source/below/a`, "text");
    const before = await store.digestSource(`${folder}/source`, "folder");
    for (const path of ["source", "source/below"]) {
      Deno.writeTextFileSync(`${folder}/${path}/${HELD}`, "gone");
    }
    const now = await store.digestSource(`${folder}/source`, "folder");
    assert.strictEqual(now.artifact.digest, before.artifact.digest);
    const { record } = await publishFiles(store, { n: 1 }, { out: { a: "1", [HELD]: "gone" } });
    assert.deepStrictEqual(store.artifact(record!.outputs.out)!.entries.map(({ path }) => path), ["a"]);
    await publishItem(store, "item", { "": "2" });
    store.packing.seal();
    for (const area of Object.values(LAYOUT)) {
      if (!Deno.lstatSync(`${store.folder}`).isDirectory || area.includes(".")) continue;
      if ([LAYOUT.version, LAYOUT.index].includes(area as never)) continue;
      Deno.mkdirSync(`${store.folder}/${area}`, { recursive: true });
      Deno.writeTextFileSync(`${store.folder}/${area}/${HELD}`, "{}");
      assert.ok(!entriesOf(`${store.folder}/${area}`).includes(HELD));
    }
    store.leases.clearDead();
    assert.deepStrictEqual(await store.verify(), []);
    const { removed, disturbed } = store.gc({ roots: () => ({ keys: new Set() }) });
    assert.deepStrictEqual([removed.length, disturbed], [2, false]);
    store.close();
  }));

Deno.test("what an answer was lost of is asked again, and at last an error", () => {
  const stale = Object.assign(new Error("Stale file handle"), { code: "ESTALE" });
  const answers = [stale, stale, 7];
  const ask = () => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  assert.strictEqual(retryStale(ask), 7);
  let asked = 0;
  assert.throws(() =>
    retryStale(() => {
      asked++;
      throw stale;
    }), isStale);
  assert.strictEqual(asked, 5);
  asked = 0;
  assert.throws(() =>
    retryStale(() => {
      asked++;
      throw new Error("other");
    }), /other/);
  assert.strictEqual(asked, 1);
});
