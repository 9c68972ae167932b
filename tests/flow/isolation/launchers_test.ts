/** The launchers of a run: started when a task asks for one, and ended with the run. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { Isolation } from "../../../lib/flow/isolation/isolation.ts";
import { Store } from "../../../lib/flow/store/store.ts";
import { until } from "../cli.ts";

async function inStore(body: (store: Store) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync();
  const store = Store.open(join(folder, "store"));
  try {
    await body(store);
  } finally {
    store.close();
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("a launcher that is still being started ends with the run", () =>
  inStore(async (store) => {
    const isolation = new Isolation(store);
    const starting = isolation.forProgram([]);
    await isolation.close();
    const launcher = await starting;
    if (launcher) await until(() => launcher.hasEnded, "the launcher ends");
    await assert.rejects(isolation.forKind([]));
  }));

Deno.test("a folder of libraries that can't be looked at keeps no kind from being isolated", () =>
  inStore(async (store) => {
    const isolation = new Isolation(store);
    try {
      const tooLong = `/${"a".repeat(300)}`;
      const launcher = await isolation.forKind(["/usr", tooLong]);
      assert.equal(launcher === undefined, !isolation.isWanted || isolation.unavailable !== undefined);
      assert.equal(await isolation.forKind([tooLong, "/usr"]), launcher);
    } finally {
      await isolation.close();
    }
  }));
