/** What the disk refuses: a full one, one that can't be written to, a store of a newer version, a folder that is none. */
import assert from "node:assert";
import { Store } from "../../../lib/flow/store/store.ts";
import type { ActionKey } from "../../../lib/flow/store/types.ts";
import { flip, packedEntries } from "./packed.ts";
import { inTemporaryFolder, publishFiles, publishItem } from "./scratch.ts";

const canMount = Deno.build.os === "linux" && Deno.uid() === 0 && tryMount();
if (!canMount) console.log("tests of full and read-only disks are left out: they need root and mount(8)");

Deno.test({
  name: "a full disk is said to be full, nothing is lost, and the same work goes on once there is room",
  ignore: !canMount,
  fn: () =>
    onTmpfs("size=1m", async (folder) => {
      const store = Store.open(`${folder}/store`);
      await publishFiles(store, { n: 0 }, { out: { "": "small" } });
      Deno.writeFileSync(`${folder}/ballast`, new Uint8Array(600_000));
      const big = { out: { "": "y".repeat(300_000), b: "z" } };
      await assert.rejects(
        async () => {
          for (let n = 1; n < 50; n++) {
            await publishFiles(store, { n }, { out: { "": `${n} `.repeat(20_000) } });
          }
        },
        (error: Error) => /No space|no space left/.test(error.message),
      );
      assert.throws(() => {
        for (let n = 0; n < 50; n++) store.putText(`${n} `.repeat(20_000));
      }, { code: "store-disk-full" });
      store.close();
      Deno.removeSync(`${folder}/ballast`);
      const again = Store.open(`${folder}/store`);
      assert.deepStrictEqual(await again.verify(), []);
      assert.ok((await publishFiles(again, { n: 99 }, { out: { "": big.out[""] } })).record !== undefined);
      again.close();
    }),
});

Deno.test({
  name:
    "a disk that is full while items are packed or a pack is mended or swept: nothing that was kept is lost",
  ignore: !canMount,
  fn: () =>
    onTmpfs("size=2m", async (folder) => {
      const store = Store.open(`${folder}/store`);
      const textOf = (n: number) => `${n} `.repeat(5000);
      const kept: ActionKey[] = [];
      Deno.writeFileSync(`${folder}/ballast`, new Uint8Array(1_200_000));
      await assert.rejects(async () => {
        for (let n = 0; n < 500; n++) {
          kept.push((await publishItem(store, `${n}`, { "": textOf(n) }, { first: n === 0 })).key);
        }
      }, { code: "store-disk-full" });
      const check = async (opened: Store, keys: readonly ActionKey[]) => {
        const found = await opened.packedItems(keys);
        for (const key of keys) {
          const { digest } = found.get(key)!.outputs.out.file!;
          assert.strictEqual(opened.bytes.text(digest), textOf(kept.indexOf(key)));
        }
      };
      await check(store, kept);
      store.close();

      const ballast = Deno.openSync(`${folder}/ballast`, { append: true });
      assert.throws(() => {
        for (;;) ballast.writeSync(new Uint8Array(1000));
      }, /No space|no space/);
      // As much as a process needs to say that it is there.
      ballast.truncateSync(Math.max(0, ballast.statSync().size - 60_000));
      ballast.close();
      const full = Store.open(`${folder}/store`);
      await check(full, kept);
      const { notes } = full.gc({ roots: () => ({ keys: new Set(kept.slice(1)) }) });
      assert.match(notes.join(), /kept packs as they are: no space left/);
      await check(full, kept);
      const [record] = packedEntries(`${folder}/store`).filter(({ digest }) => digest === kept[0]);
      flip(record.path, record.at + 200);
      assert.deepStrictEqual((await full.verify()).map(({ digest }) => digest), [kept[0]]);
      assert.strictEqual(full.getRecord(kept[0]), undefined);
      await check(full, kept.slice(1));
      full.close();

      Deno.removeSync(`${folder}/ballast`);
      const again = Store.open(`${folder}/store`);
      await check(again, kept.slice(1));
      assert.deepStrictEqual((await again.verify()).map(({ digest }) => digest), [kept[0]]);
      assert.deepStrictEqual(await again.verify(), []);
      await check(again, kept.slice(1));
      again.close();
    }),
});

Deno.test({
  name: "a disk that can't be written to is read, and says so when it is to be written to",
  ignore: !canMount,
  fn: () =>
    onTmpfs("size=4m", async (folder) => {
      const store = Store.open(`${folder}/store`);
      const { key, record } = await publishFiles(store, { n: 0 }, { out: { "": "text" } });
      store.close();
      mount("-o", "remount,ro", folder);
      const reader = Store.open(`${folder}/store`);
      assert.deepStrictEqual(reader.getRecord(key), record);
      assert.deepStrictEqual(await reader.checkOutputs(record!), []);
      assert.throws(() => reader.tryLease(key), { code: "store-not-writable" });
      assert.throws(() => reader.workFolder("x"), { code: "store-not-writable" });
      assert.throws(() => reader.putText("new"), { code: "store-not-writable" });
      reader.close();
      assert.throws(() => Store.open(`${folder}/new`), { code: "store-not-writable" });
    }),
});

Deno.test("a store whose maker is not done, or was killed, can be opened", () =>
  inTemporaryFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/version.0a1b2c3d.new`, "protoflow");
    const store = Store.open(folder);
    store.close();
    assert.match(Deno.readTextFileSync(`${folder}/version`), /^protoflow store \d+\n$/);
  }));

Deno.test("a store of a newer version is refused and left alone", () =>
  inTemporaryFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/version`, "protoflow store 4\n");
    assert.throws(() => Store.open(folder), { code: "store-newer", message: /version 4.*up to 3.*--store/ });
    assert.deepStrictEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["version"]);
  }));

Deno.test("a folder that is no store is refused and left alone; an empty one and one with a README become one", () =>
  inTemporaryFolder((folder) => {
    Deno.mkdirSync(`${folder}/photos`);
    Deno.writeTextFileSync(`${folder}/photos/1.jpg`, "");
    assert.throws(() => Store.open(`${folder}/photos`), { code: "store-not-a-store", message: /1\.jpg/ });
    assert.deepStrictEqual([...Deno.readDirSync(`${folder}/photos`)].length, 1);
    for (const text of ["", "garbage", "protoflow store x\n", "protoflow store 1"]) {
      Deno.writeTextFileSync(`${folder}/photos/version`, text);
      assert.throws(() => Store.open(`${folder}/photos`), { code: "store-not-a-store" });
    }
    Deno.mkdirSync(`${folder}/cache`);
    Deno.writeTextFileSync(`${folder}/cache/README.md`, "");
    Deno.writeTextFileSync(`${folder}/cache/.gitignore`, "");
    Store.open(`${folder}/cache`).close();
    Store.open(`${folder}/a/new/one`).close();
    assert.throws(() => Store.open(`${folder}/cache/README.md`), { code: /store-/ });
  }));

async function onTmpfs(options: string, body: (folder: string) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync();
  mount("-t", "tmpfs", "-o", options, "tmpfs", folder);
  try {
    await body(folder);
  } finally {
    new Deno.Command("umount", { args: ["-l", folder] }).outputSync();
    Deno.removeSync(folder);
  }
}

function mount(...args: string[]): void {
  const { success, stderr } = new Deno.Command("mount", { args }).outputSync();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

function tryMount(): boolean {
  const folder = Deno.makeTempDirSync();
  try {
    mount("-t", "tmpfs", "tmpfs", folder);
    new Deno.Command("umount", { args: [folder] }).outputSync();
    return true;
  } catch {
    return false;
  } finally {
    Deno.removeSync(folder);
  }
}
