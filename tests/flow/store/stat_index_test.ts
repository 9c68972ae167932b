/** The stat index: what was learnt of files outlives the process, and nothing that was torn or damaged is believed. */
import assert from "node:assert";
import fc from "fast-check";
import { digestBytes } from "../../../lib/flow/store/digest.ts";
import { StatIndex } from "../../../lib/flow/store/stat_index.ts";
import { StatKey } from "../../../lib/flow/store/stat_key.ts";
import { inTemporaryFolder } from "./scratch.ts";

const key = (n: number) => new StatKey(Uint32Array.from({ length: 10 }, (_, i) => n * 10 + i));
const digestOf = (text: string) => digestBytes(new TextEncoder().encode(text));

Deno.test("what is remembered is known to the next process, under its key alone", () =>
  inTemporaryFolder((folder) => {
    const names = ["/a", '/with "quotes"', "/with\nline", "/ünï", "blobs/ab/abc"];
    const first = new StatIndex(`${folder}/index`);
    names.forEach((name, i) => first.remember(name, key(i), digestOf(name)));
    first.remember("/a", key(9), digestOf("new"));
    first.flush();
    const second = new StatIndex(`${folder}/index`);
    assert.strictEqual(second.lookup("/a", key(9)), digestOf("new"));
    assert.strictEqual(second.lookup("/a", key(0)), undefined);
    names.slice(1).forEach((name, i) => assert.strictEqual(second.lookup(name, key(i + 1)), digestOf(name)));
  }));

Deno.test("a torn tail costs one entry, also the next writer's lines being right behind it", () =>
  inTemporaryFolder((folder) => {
    const file = `${folder}/index`;
    const first = new StatIndex(file);
    for (let i = 0; i < 3; i++) first.remember(`/${i}`, key(i), digestOf(`${i}`));
    first.flush();
    const text = Deno.readTextFileSync(file);
    Deno.writeTextFileSync(file, text.slice(0, -20));
    const second = new StatIndex(file);
    second.remember("/new", key(7), digestOf("new"));
    second.flush();
    const third = new StatIndex(file);
    assert.deepStrictEqual(
      [0, 1, 2].map((i) => third.lookup(`/${i}`, key(i))),
      [digestOf("0"), digestOf("1"), undefined],
    );
    assert.strictEqual(third.lookup("/new", key(7)), digestOf("new"));
  }));

Deno.test("a damaged line says nothing, or what it said before", () =>
  inTemporaryFolder((folder) => {
    const file = `${folder}/index`;
    const first = new StatIndex(file);
    for (let i = 0; i < 5; i++) first.remember(`/${i}`, key(i), digestOf(`${i}`));
    first.flush();
    const bytes = Deno.readFileSync(file);
    fc.assert(fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const damaged = bytes.slice();
      damaged[at] ^= change;
      Deno.writeFileSync(file, damaged);
      const index = new StatIndex(file);
      const known = [0, 1, 2, 3, 4].map((i) => index.lookup(`/${i}`, key(i)));
      known.forEach((digest, i) => assert.ok(digest === undefined || digest === digestOf(`${i}`)));
      assert.ok(known.filter((digest) => digest === undefined).length <= 2);
    }));
  }));

Deno.test("the log is rewritten when most of it is out of date", () =>
  inTemporaryFolder((folder) => {
    const file = `${folder}/index`;
    const index = new StatIndex(file);
    for (let i = 0; i < 3000; i++) {
      index.remember(`/${i % 10}`, key(i), digestOf(`${i}`));
      index.flush();
    }
    const before = Deno.statSync(file).size;
    const next = new StatIndex(file);
    next.lookup("/0", key(0));
    next.compact();
    assert.ok(Deno.statSync(file).size < before / 100);
    for (let i = 2990; i < 3000; i++) {
      assert.strictEqual(new StatIndex(file).lookup(`/${i % 10}`, key(i)), digestOf(`${i}`));
    }
    next.compact((name) => name === "/3");
    assert.strictEqual(new StatIndex(file).lookup("/4", key(2994)), undefined);
    assert.strictEqual(new StatIndex(file).lookup("/3", key(2993)), digestOf("2993"));
  }));
