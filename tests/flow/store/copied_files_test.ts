/** Outputs that are to stay where they are: a run that is killed while it keeps them leaves them for the next one. */

import assert from "node:assert/strict";
import { actionKey } from "../../../lib/flow/store/manifest.ts";
import { Store } from "../../../lib/flow/store/store.ts";
import type { Manifest } from "../../../lib/flow/store/types.ts";
import { inTemporaryFolder, manifest } from "./scratch.ts";

const LARGE = 100_000;

/** A store, and a folder of outputs beside it with a short and a long file. */
async function withOutputs(body: (store: Store, out: string) => Promise<void>): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const store = Store.open(`${folder}/store`, "the test");
    try {
      const out = `${folder}/store/out`;
      Deno.mkdirSync(`${out}/o/below`, { recursive: true });
      Deno.writeTextFileSync(`${out}/o/a`, "a");
      Deno.chmodSync(`${out}/o/a`, 0o755);
      Deno.writeTextFileSync(`${out}/o/below/b`, "b".repeat(LARGE));
      await body(store, out);
    } finally {
      store.close();
    }
  });
}

async function keep(store: Store, folder: string, made: Manifest, stays: boolean) {
  const facts = { started: "2026-01-01T00:00:00Z", ms: 1 };
  const { record } = await store.publish({ key: actionKey(made), manifest: made, folder, stays, facts });
  const { o } = record!.outputs;
  assert.deepEqual(await store.checkOutputs(record!), []);
  return { digest: o.digest, entries: store.artifact(o)!.entries };
}

function made(n: number, isItem: boolean): Manifest {
  const one = manifest({ n }, ["o"]);
  return isItem ? { ...one, item: "one" } : one;
}

for (const isItem of [false, true]) {
  Deno.test(`outputs of ${isItem ? "an item" : "an action"} that are to stay are kept again and again, and nothing that is done to them changes what is kept`, () =>
    withOutputs(async (store, out) => {
      const first = await keep(store, out, made(1, isItem), true);
      assert.equal(Deno.readTextFileSync(`${out}/o/a`), "a");
      assert.equal(Deno.readTextFileSync(`${out}/o/below/b`).length, LARGE);
      assert.equal(Deno.statSync(`${out}/o/a`).mode! & 0o777, 0o755);
      assert.deepEqual(await keep(store, out, made(2, isItem), true), first);
      const left = [...Deno.readDirSync(store.workRoot())].map(({ name }) => name);
      assert.deepEqual(left, [], "copies that are no blobs");
      Deno.writeTextFileSync(`${out}/o/below/b`, "c".repeat(LARGE));
      assert.deepEqual(await store.verify(), [], "the store's bytes are its own");
      Deno.writeTextFileSync(`${out}/o/below/b`, "b".repeat(LARGE));
      assert.deepEqual(await keep(store, out, made(3, isItem), false), first, "as those that are moved");
    }));
}

Deno.test("outputs that are to stay and can't be read are refused, and no copy of the others is left", () =>
  withOutputs(async (store, out) => {
    Deno.symlinkSync("/nowhere", `${out}/o/z`);
    await assert.rejects(keep(store, out, made(1, false), true), /"z": a link to nothing/);
    assert.deepEqual([...Deno.readDirSync(store.workRoot())], []);
  }));
