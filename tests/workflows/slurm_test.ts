/** The workflow `birds`, small, on a cluster with Slurm. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { Store } from "../../lib/flow/store/store.ts";
import { slurmTest } from "../flow/slurm/slurm_cluster.ts";
import { inRun, type Run } from "../tasks/run.ts";

slurmTest("birds on Slurm has the keys and the digests of birds on this machine", async (cluster) => {
  await inRun(async (run) => {
    const onSlurm = run.withEnvironment(cluster.environment);
    const [there, here] = [
      await digestsOf(onSlurm.withStore("there"), "--executor", "slurm"),
      await digestsOf(run.withStore("here")),
    ];
    assert.ok(Object.keys(there).length > 12, `only ${Object.keys(there)}`);
    assert.deepEqual(there, here);
    assert.deepEqual(await cluster.jobs("PENDING", "RUNNING"), []);
  });
}, { cores: 1 });

async function digestsOf(run: Run, ...options: string[]): Promise<Record<string, string>> {
  const { code, out, err } = await run.call("run", "birds", "--profile", "smoke", "--json", ...options);
  assert.equal(code, 0, out + err);
  const store = Store.open(join(run.folder, run.store));
  try {
    return Object.fromEntries(
      [...store.keys()].sort().map((key) => {
        const outputs = Object.entries(store.getRecord(key)!.outputs);
        return [key, JSON.stringify(outputs.map(([name, { digest }]) => [name, digest]))];
      }),
    );
  } finally {
    store.close();
  }
}
