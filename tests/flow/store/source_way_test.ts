/** Every way in which a source can be swapped for another one and put back leaves a drift. */
import assert from "node:assert";
import { Store } from "../../../lib/flow/store/store.ts";
import { inTemporaryFolder, writeFiles } from "./scratch.ts";
import { makeSwappable, SWAPS } from "./swaps.ts";

for (const { name, kind, source, swap, restore } of SWAPS) {
  Deno.test(`a source that was swapped and put back has drifted: ${name}`, () =>
    inTemporaryFolder(async (folder) => {
      const at = (path: string) => `${folder}/${path}`;
      makeSwappable(at);
      const store = Store.open(at("store"));
      const state = await store.digestSource(at(source), kind);
      assert.deepStrictEqual(store.drifted(state), []);
      swap(at);
      restore(at);
      assert.notDeepStrictEqual(store.drifted(state), []);
      assert.deepStrictEqual(store.drifted(await store.digestSource(at(source), kind)), []);
      store.close();
    }));
}

Deno.test("a file that comes beside a source, or goes, is no drift of it", () =>
  inTemporaryFolder(async (folder) => {
    writeFiles(`${folder}/d`, { f: "one" });
    const store = Store.open(`${folder}/store`);
    const state = await store.digestSource(`${folder}/d/f`, "file");
    Deno.writeTextFileSync(`${folder}/d/g`, "");
    assert.deepStrictEqual(store.drifted(state), []);
    Deno.removeSync(`${folder}/d/g`);
    assert.deepStrictEqual(store.drifted(state), []);
    store.close();
  }));

Deno.test("a file that has bytes though its size is said to be 0 is refused", {
  ignore: Deno.build.os !== "linux",
}, () =>
  inTemporaryFolder(async (folder) => {
    const store = Store.open(`${folder}/store`);
    await assert.rejects(store.digestSource("/proc/version", "file"), {
      code: "source-refused",
      message: /has bytes though its size is said to be 0: make a copy/,
    });
    store.close();
  }));
