/** Keys of items: of their own files and facts, with ids that are legal file names, and files that are there. */

import assert from "node:assert/strict";
import fc from "fast-check";
import type { Json } from "../../../lib/flow/json.ts";
import type { Item } from "../../../lib/flow/kind.ts";
import { itemActions } from "../../../lib/flow/key/items.ts";
import { canonicalJson } from "../../../lib/flow/store/canonical_json.ts";
import { manifestOf } from "../../../lib/flow/store/manifest.ts";
import type { FileDigest, TreeDigest } from "../../../lib/flow/store/types.ts";
import type { ResolvedTask } from "../../../lib/flow/key/resolve.ts";

/** A task with one folder of files, by path. */
function taskOf(files: Record<string, string>): ResolvedTask {
  const entries = Object.entries(files).sort().map(([path, digest]) => ({
    path,
    digest: digest as FileDigest,
    size: 1,
  }));
  const source = {
    path: "/images",
    kind: "folder" as const,
    artifact: { digest: JSON.stringify(files) as TreeDigest, entries },
    keys: entries.map(() => "key"),
    folders: [],
    links: [],
    parents: [],
    unsettled: [],
  };
  const manifest = manifestOf({
    kind: "k",
    code: { digest: "c", packages: {} },
    params: {},
    inputs: { images: source.artifact.digest },
    outputs: ["o"],
    runtime: {},
  });
  const inputs = [{ name: "images", digest: source.artifact.digest, from: "source" as const, source }];
  return { task: { id: "t" }, inputs, manifest, key: "k" } as unknown as ResolvedTask;
}

const actionsOf = (files: Record<string, string>, items: Item[]) =>
  itemActions(taskOf(files), items, () => undefined);
const item = (id: string, ...images: string[]): Item => ({ id, files: { images } });

Deno.test("an item's key changes with its own files, its id, and nothing else", () => {
  const path = fc.constantFrom("a.jpg", "b.jpg", "c/d.jpg", "c/e.jpg", "f.jpg");
  const files = fc.dictionary(path, fc.constantFrom("1", "2"), { minKeys: 1 });
  fc.assert(fc.property(files, files, path, (before, now, own) => {
    if (!(own in before) || !(own in now)) return;
    const [a] = actionsOf(before, [item("x", own)]);
    const [b] = actionsOf(now, [item("x", own)]);
    assert.equal(a.key === b.key, before[own] === now[own]);
    assert.notEqual(actionsOf(now, [item("y", own)])[0].key, b.key);
  }));
});

/** The key of an item with these facts. */
const keyOf = (facts: Json) => actionsOf({ "a.jpg": "1" }, [{ ...item("x", "a.jpg"), facts }])[0].key;

/** The same value with the names of every object in the opposite order. */
function reordered(value: Json): Json {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(reordered);
  const members = Object.entries(value).reverse();
  return Object.fromEntries(members.map(([name, member]) => [name, reordered(member)]));
}

Deno.test("an item without facts has the key that it had before items could have facts", () => {
  const [{ key, manifest }] = actionsOf({ "a.jpg": "1" }, [item("x", "a.jpg")]);
  assert.equal(key, "55c524efe9e2e3429ec3eb387feb62d8010f5a8c6de65c7163d4dde21f162a42");
  assert.ok(!("itemFacts" in manifest));
  for (const facts of [null, {}, [], "", 0, false]) assert.notEqual(keyOf(facts), key);
});

Deno.test("equal facts give one key in any order of names, and any other value another", () => {
  const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>;
  fc.assert(fc.property(json, json, (a, b) => {
    assert.equal(keyOf(reordered(a)), keyOf(a));
    assert.equal(keyOf(a) === keyOf(b), canonicalJson(a) === canonicalJson(b));
  }));
  const leaf = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string(), fc.boolean());
  fc.assert(fc.property(fc.array(leaf, { minLength: 1 }), fc.nat(), leaf, (leaves, at, other) => {
    const facts = (values: readonly Json[]) => ({ box: { values }, list: [{ values }] });
    const changed = leaves.with(at % leaves.length, other);
    const isSame = canonicalJson(changed) === canonicalJson(leaves);
    assert.equal(keyOf(facts(changed)) === keyOf(facts(leaves)), isSame);
  }));
});

Deno.test("facts that are not JSON are refused with the item and the place", () => {
  const wrong = { "NaN": NaN, "undefined": undefined, "a function": () => 1, "a Map": new Map([["a", 1]]) };
  for (const [text, value] of Object.entries(wrong)) {
    const facts = value as unknown as Json;
    const say = (place: string) => new RegExp(`t: item "x": ${place} is ${text}`);
    assert.throws(() => keyOf(facts), say("facts"));
    assert.throws(() => keyOf({ box: [1, { at: facts }] }), say("facts\\.box\\[1\\]\\.at"));
  }
});

Deno.test("a folder stands for its files, a dot for all; only they are watched for changes", () => {
  const files = { "a.jpg": "1", "c/d.jpg": "2", "c/e.jpg": "3", "cc.jpg": "4" };
  const [folder, all] = actionsOf(files, [item("x", "c"), item("y", ".")]);
  assert.deepEqual(folder.sources.map(({ path }) => path), ["/images/c/d.jpg", "/images/c/e.jpg"]);
  assert.equal(all.sources.length, 4);
  const [renamed] = actionsOf({ "c/d.jpg": "2", "c/f.jpg": "3" }, [item("x", "c")]);
  assert.notEqual(renamed.key, folder.key, "the name of a file is part of what the item sees");
});

Deno.test("ids that are no file names, come twice, or name no files of the input are refused", () => {
  for (const id of ["", ".", "..", "a/b", "a\\\\b", "a\\nb", "a\\0b", "x".repeat(201)]) {
    assert.throws(
      () => actionsOf({ "a.jpg": "1" }, [item(id, "a.jpg")]),
      /t: item .*: an id must be a file name/,
    );
  }
  assert.throws(
    () => actionsOf({ "a.jpg": "1" }, [item("x", "a.jpg"), item("x", "a.jpg")]),
    /another item has this id/,
  );
  for (const path of ["b.jpg", "../a.jpg", "/images/a.jpg", "", "valueOf"]) {
    assert.throws(
      () => actionsOf({ "a.jpg": "1" }, [item("x", path)]),
      /there is no file ".*" in input images/,
    );
  }
});
