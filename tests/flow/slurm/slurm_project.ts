/** A project whose tasks run on a cluster of the tests. */

import assert from "node:assert/strict";
import { Store } from "../../../lib/flow/store/store.ts";
import { exists, inProject, type Project } from "../cli.ts";
import type { SlurmCluster } from "./slurm_cluster.ts";

/** One core each; results are on this machine's disk, so none comes late. */
const SETTINGS = { executor: "slurm", slurm: { waitSeconds: 1 } };

/** Runs `body` with a project that runs on the cluster. */
export async function onCluster(
  cluster: SlurmCluster,
  body: (project: Project) => Promise<void>,
): Promise<void> {
  await inProject(async (project) => {
    project.write("protoflow.json", JSON.stringify(SETTINGS));
    await body(project.withEnvironment(cluster.environment));
  });
}

/** A task that is a script. */
export const shell = (text: string, more: object = {}) => ({
  kind: "command",
  params: { argv: ["sh", "-c", text] },
  outputs: ["o"],
  ...more,
});

/** No work folder of a job is left, and no job but those that have ended: a job ends a moment after its result is there. */
export async function assertNothingLeft(cluster: SlurmCluster, project: Project): Promise<void> {
  const left = exists(project.path("store/jobs"))
    ? [...Deno.readDirSync(project.path("store/jobs"))].map(({ name }) => name).filter((name) =>
      name !== "allocations"
    )
    : [];
  assert.deepEqual(left, []);
  let jobs = await cluster.jobs("PENDING", "RUNNING");
  for (let looks = 0; jobs.length > 0 && looks < 100; looks++) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    jobs = await cluster.jobs("PENDING", "RUNNING");
  }
  assert.deepEqual(jobs, []);
}

/** The digests of all results of a store. */
export function digestsIn(folder: string): Record<string, string> {
  const store = Store.open(folder, "the test");
  try {
    return Object.fromEntries(
      [...store.keys()].sort().map((key) => {
        const outputs = Object.values(store.getRecord(key)!.outputs);
        return [key, outputs.map(({ digest }) => digest).join()];
      }),
    );
  } finally {
    store.close();
  }
}
