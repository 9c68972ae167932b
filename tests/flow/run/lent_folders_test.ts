/** Folders that tasks share: made once, made again where they are gone, removed when few need them, and never of damaged files. */

import assert from "node:assert/strict";
import { dirname } from "node:path";
import { LentFolders } from "../../../lib/flow/run/lent_folders.ts";
import { Store } from "../../../lib/flow/store/store.ts";
import type { Artifact } from "../../../lib/flow/store/types.ts";
import { exists } from "../cli.ts";
import { inTemporaryFolder, publishFiles } from "../store/scratch.ts";

async function withFolders(
  body: (
    given: { store: Store; folders: LentFolders; outputOf(n: number): Promise<Artifact> },
  ) => Promise<void>,
): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const store = Store.open(folder, "the test");
    const outputOf = async (n: number) => {
      const { record } = await publishFiles(store, { n }, { out: { a: `a ${n}`, "b/c": `c ${n}` } });
      return store.artifact(record!.outputs.out)!;
    };
    try {
      await body({ store, folders: new LentFolders(store), outputOf });
    } finally {
      store.close();
    }
  });
}

Deno.test("tasks that read the same output at the same time have the same folder", () =>
  withFolders(async ({ store, folders, outputOf }) => {
    const output = await outputOf(1);
    const [first, second] = await Promise.all([folders.take(store, output), folders.take(store, output)]);
    assert.equal(first, second);
    assert.equal(Deno.readTextFileSync(`${first}/b/c`), "c 1");
    assert.notEqual(await folders.take(store, await outputOf(2)), first);
  }));

Deno.test("of the folders that no task has the last ones stay", () =>
  withFolders(async ({ store, folders, outputOf }) => {
    const used = await folders.take(store, await outputOf(0));
    const paths: string[] = [];
    for (let n = 1; n <= 6; n++) {
      const path = await folders.take(store, await outputOf(n));
      await folders.giveBack(path);
      paths.push(path);
    }
    assert.deepEqual(paths.map(exists), [false, false, true, true, true, true]);
    assert.ok(exists(`${used}/a`), "it is in use");
    assert.equal(await folders.take(store, await outputOf(6)), paths[5]);
    assert.equal(Deno.readTextFileSync(`${await folders.take(store, await outputOf(1))}/a`), "a 1");
  }));

Deno.test("a folder that somebody else has removed is made again", () =>
  withFolders(async ({ store, folders, outputOf }) => {
    const output = await outputOf(1);
    const before = await folders.take(store, output);
    await folders.giveBack(before);
    Deno.removeSync(dirname(before), { recursive: true });
    const path = await folders.take(store, output);
    assert.notEqual(path, before);
    assert.equal(Deno.readTextFileSync(`${path}/a`), "a 1");
  }));

Deno.test("an output that was damaged since is lent no more, and is again once it was mended", () =>
  withFolders(async ({ store, folders, outputOf }) => {
    const output = await outputOf(1);
    await folders.giveBack(await folders.take(store, output));
    const blob = store.blobPath(output.entries[0].digest);
    Deno.chmodSync(blob, 0o600);
    Deno.writeTextFileSync(blob, "x 1");
    await assert.rejects(folders.take(store, output), /can't be used.*run again to rebuild it/);
    const mended = await folders.take(store, await outputOf(1));
    assert.equal(Deno.readTextFileSync(`${mended}/a`), "a 1");
  }));
