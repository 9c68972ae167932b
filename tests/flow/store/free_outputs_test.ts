/** Freeing the files of a result leaves what any other result mentions, however its record is written. */
import assert from "node:assert";
import { freeOutputs } from "../../../lib/flow/store/free_outputs.ts";
import { PACKED_UP_TO_BYTES } from "../../../lib/flow/store/pack_format.ts";
import { Store } from "../../../lib/flow/store/store.ts";
import { type Files, inTemporaryFolder, paramsOf, publishFiles, publishItem } from "./scratch.ts";

const SHARED: Record<string, Files> = {
  tree: { a: "of both", b: "of both, too" },
  file: { "": "a file of both" },
};

/** A short record, and one that is deflated. */
const LENGTHS = [0, 1];

async function freeOne(
  folder: string,
  freed: number,
  other: number,
  damage: (path: string) => void = () => {},
) {
  const store = Store.open(folder);
  const outputs = { ...SHARED, own: { c: `of ${freed} alone` } };
  const { key, record } = await publishFiles(store, paramsOf(freed), outputs);
  const stays = await publishFiles(store, paramsOf(other), { ...SHARED, own: { c: `of ${other} alone` } });
  damage(store.records.path(stays.key));
  await freeOutputs(store, [key]);
  const damageOf = async (of: typeof stays) => (await store.checkOutputs(of.record!)).length;
  const found = { freed: await damageOf({ ...stays, record }), stays: await damageOf(stays) };
  store.close();
  return found;
}

for (const freed of LENGTHS) {
  for (const other of LENGTHS) {
    Deno.test(`of result ${freed}, files that result ${other + 2} has too stay, and the others go`, () =>
      inTemporaryFolder(async (folder) => {
        const found = await freeOne(folder, freed, other + 2);
        assert.strictEqual(found.stays, 0, "nothing of the other result is missing");
        assert.ok(found.freed > 0, "what it has alone is gone");
      }));
  }
}

Deno.test("where another record can't be read, nothing is freed: it may mention any file", async () => {
  for (const other of LENGTHS) {
    await inTemporaryFolder(async (folder) => {
      const cut = (path: string) => {
        const bytes = Deno.readFileSync(path);
        Deno.removeSync(path);
        Deno.writeFileSync(path, bytes.slice(0, -1));
      };
      assert.deepStrictEqual(await freeOne(folder, 0, other + 2, cut), { freed: 0, stays: 0 });
    });
  }
});

Deno.test("what an item needs that another process has packed meanwhile stays", () =>
  inTemporaryFolder(async (folder) => {
    const [store, other] = [Store.open(folder), Store.open(folder)];
    const long = "of both\n".repeat(PACKED_UP_TO_BYTES / 4);
    const { key } = await publishFiles(store, {}, { out: { "": long } });
    store.packs.refresh();
    const item = await publishItem(other, "item", { "": long });
    other.close();
    await freeOutputs(store, [key]);
    assert.deepStrictEqual(await store.checkOutputs(item.record!), []);
    store.close();
  }));
