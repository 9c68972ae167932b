/** Keys of items: of their own files, with ids that are legal file names, and files that are there. */

import assert from "node:assert/strict";
import fc from "fast-check";
import type { Item } from "../../../lib/flow/kind.ts";
import { itemActions } from "../../../lib/flow/key/items.ts";
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
    readAt: 0,
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
