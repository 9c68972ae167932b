/** Every way in which a source can be swapped for another one and put back leaves a drift. */
import assert from "node:assert";
import { Store } from "../../../lib/flow/store/store.ts";
import { inTemporaryFolder, writeFiles } from "./scratch.ts";

interface Swap {
  readonly name: string;
  readonly kind: "file" | "folder";
  /** Relative to a folder with `d/sub/f`, `d/link` to `sub/f`, `e/sub/f`, and `cur`, a link to `d`. */
  readonly source: string;
  swap(at: (path: string) => string): void;
  restore(at: (path: string) => string): void;
}

function turn(link: string, target: string): void {
  Deno.removeSync(link);
  Deno.symlinkSync(target, link);
}

function exchange(one: string, other: string): void {
  Deno.renameSync(one, `${one}.aside`);
  Deno.renameSync(other, one);
  Deno.renameSync(`${one}.aside`, other);
}

const exchanged = (one: string, other: string): Pick<Swap, "swap" | "restore"> => ({
  swap: (at) => exchange(at(one), at(other)),
  restore: (at) => exchange(at(one), at(other)),
});

const SWAPS: readonly Swap[] = [
  {
    name: "a file that came and went in a folder below",
    kind: "folder",
    source: "d",
    swap: (at) => Deno.writeTextFileSync(at("d/sub/g"), ""),
    restore: (at) => Deno.removeSync(at("d/sub/g")),
  },
  {
    name: "an empty folder that came and went",
    kind: "folder",
    source: "d",
    swap: (at) => Deno.mkdirSync(at("d/sub/new")),
    restore: (at) => Deno.removeSync(at("d/sub/new")),
  },
  {
    name: "the source as a link to a folder",
    kind: "folder",
    source: "cur",
    swap: (at) => turn(at("cur"), "e"),
    restore: (at) => turn(at("cur"), "d"),
  },
  {
    name: "a link on the way to a file",
    kind: "file",
    source: "cur/sub/f",
    swap: (at) => turn(at("cur"), "e"),
    restore: (at) => turn(at("cur"), "d"),
  },
  {
    name: "a link inside of the folder",
    kind: "folder",
    source: "d",
    swap: (at) => turn(at("d/link"), "sub/other"),
    restore: (at) => turn(at("d/link"), "sub/f"),
  },
  { name: "the folder renamed", kind: "folder", source: "d", ...exchanged("d", "e") },
  { name: "a folder below renamed", kind: "folder", source: "d", ...exchanged("d/sub", "e/sub") },
  { name: "a file's folder renamed", kind: "file", source: "d/sub/f", ...exchanged("d/sub", "e/sub") },
  { name: "the folder above that one renamed", kind: "file", source: "d/sub/f", ...exchanged("d", "e") },
];

for (const { name, kind, source, swap, restore } of SWAPS) {
  Deno.test(`a source that was swapped and put back has drifted: ${name}`, () =>
    inTemporaryFolder(async (folder) => {
      const at = (path: string) => `${folder}/${path}`;
      writeFiles(at("d"), { "sub/f": "one", "sub/other": "other" });
      writeFiles(at("e"), { "sub/f": "two", "sub/other": "other" });
      Deno.symlinkSync("sub/f", at("d/link"));
      Deno.symlinkSync("d", at("cur"));
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
