/** The workflow `birds`, small, on a cluster with Slurm: with work in the store, and on the nodes' own disks. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { Project } from "../flow/cli.ts";
import { NodeDisks } from "../flow/slurm/scratch_project.ts";
import { type SlurmCluster, slurmTest } from "../flow/slurm/slurm_cluster.ts";
import { assertNothingLeft, digestsIn } from "../flow/slurm/slurm_project.ts";
import { inRun, Run } from "../tasks/run.ts";

slurmTest(
  "birds on Slurm has the keys and the digests of birds on this machine, with work in the store and on nodes' own disks",
  async (cluster) => {
    await inRun(async ({ folder }) => {
      const disks = NodeDisks.make(join(folder, "disks"));
      const { scratch } = disks;
      // At once, since much of the time is waiting.
      const [here, there, onDisks] = await Promise.all([
        digestsOf(placeOf(join(folder, "here"))),
        digestsOf(placeOf(join(folder, "there"), cluster, { waitSeconds: 1 })),
        digestsOf(placeOf(join(folder, "on-disks"), cluster, { waitSeconds: 1, scratch })),
      ]);
      assert.ok(Object.keys(here).length > 12, `only ${Object.keys(here)}`);
      assert.deepEqual(there, here);
      assert.deepEqual(onDisks, here);
      assert.ok(disks.wereUsed(), "jobs have worked on them");
      disks.assertEmpty();
      for (const name of ["there", "on-disks"]) {
        await assertNothingLeft(cluster, new Project(join(folder, name)));
      }
    });
  },
  { cores: 1 },
);

/** A folder with a store whose runs go to the cluster, with these settings of Slurm. */
function placeOf(folder: string, cluster?: SlurmCluster, slurm?: object): Run {
  Deno.mkdirSync(folder);
  if (cluster !== undefined) {
    Deno.writeTextFileSync(join(folder, "protoflow.json"), JSON.stringify({ executor: "slurm", slurm }));
  }
  return new Run(folder, "store", cluster?.environment);
}

async function digestsOf(run: Run): Promise<Record<string, string>> {
  const { code, out, err } = await run.call("run", "birds", "--profile", "smoke", "--json");
  assert.equal(code, 0, out + err);
  return digestsIn(join(run.folder, run.store));
}
