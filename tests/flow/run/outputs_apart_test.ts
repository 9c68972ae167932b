/** Outputs that are kept from links are still in the work folder, and are kept again from there with the same digest. */

import assert from "node:assert/strict";
import { outputsApart } from "../../../lib/flow/run/outputs_apart.ts";
import { actionKey } from "../../../lib/flow/store/manifest.ts";
import { Store } from "../../../lib/flow/store/store.ts";
import { inTemporaryFolder, manifest } from "../store/scratch.ts";

Deno.test("a run that is killed while it keeps outputs leaves them for the next one", () =>
  inTemporaryFolder(async (folder) => {
    const out = `${folder}/store/out`;
    const keep = async (n: number) => {
      const store = Store.open(`${folder}/store`, "the test");
      try {
        const made = manifest({ n }, ["o"]);
        const facts = { started: "2026-01-01T00:00:00Z", ms: 1 };
        const { record } = await store.publish({
          key: actionKey(made),
          manifest: made,
          folder: outputsApart(out),
          facts,
        });
        return record!.outputs.o.digest;
      } finally {
        store.close();
      }
    };
    Store.open(`${folder}/store`, "the test").close();
    Deno.mkdirSync(`${out}/o/below`, { recursive: true });
    Deno.writeTextFileSync(`${out}/o/a`, "a");
    Deno.writeTextFileSync(`${out}/o/below/b`, "b".repeat(100_000));
    const first = await keep(1);
    assert.equal(Deno.readTextFileSync(`${out}/o/a`), "a");
    assert.equal(Deno.readTextFileSync(`${out}/o/below/b`).length, 100_000);
    assert.equal(await keep(2), first);
  }));

Deno.test("what can't be linked is left for the store to refuse", () =>
  inTemporaryFolder((folder) => {
    assert.equal(outputsApart(`${folder}/missing`), `${folder}/missing`);
  }));
