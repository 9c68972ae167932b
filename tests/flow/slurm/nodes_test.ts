/** Jobs that lose their nodes to other jobs or with them, and jobs that share a GPU. */

import assert from "node:assert/strict";
import { exists, outcomes, type Project, until } from "../cli.ts";
import { shardsMissing, slurmTest } from "./slurm_cluster.ts";
import { assertNothingLeft, follow, onCluster, shell } from "./slurm_project.ts";

/** A task that comes to no end when it runs for the first time. */
function stuckAtFirst(project: Project, name: string) {
  const said = project.path(`${name}-ran`);
  return shell(`echo x >> ${said}; test $(wc -l < ${said}) -gt 1 || sleep 6000; echo ${name} > out/o`);
}

/** Runs the workflow; once all of its tasks have begun `event` happens. */
async function runWith(
  project: Project,
  names: readonly string[],
  why: RegExp,
  event: () => Promise<unknown>,
): Promise<void> {
  project.workflow(Object.fromEntries(names.map((name) => [name, stuckAtFirst(project, name)])));
  const running = project.run();
  for (const name of names) await until(() => exists(project.path(`${name}-ran`)), `${name} has begun`);
  await event();
  const ran = await running;
  assert.deepEqual(outcomes(ran), Object.fromEntries(names.map((name) => [name, "ran"])), ran.out + ran.err);
  for (const name of names) {
    const reason = ran.events.find(({ event, id }) => event === "retry" && id === name)?.reason;
    assert.match(reason, why, ran.out);
    assert.equal(project.read(`${name}-ran`), "x\nx\n", "it was tried again once");
  }
}

slurmTest(
  "a job that is preempted, or whose node fails, is tried again, and nothing is left of it",
  async (cluster) => {
    const slurm = { tasks: { cancelled: { partition: "fragile" } } };
    await onCluster(cluster, { slurm, isOpen: true }, async (project) => {
      // Slurm starts one of them again, and cancels the other.
      await runWith(project, ["requeued", "cancelled"], /preempted.*\(Slurm job/, () =>
        cluster.call(
          "sbatch",
          "--partition=urgent",
          "--exclusive",
          "--nodes=2",
          "--output=/dev/null",
          "--wrap=sleep 1",
        ));
      await assertNothingLeft(cluster, project);

      await runWith(project, ["lost"], /its node failed.*\(Slurm job/, async () => {
        const nodes = await cluster.call("squeue", "--noheader", "--states=RUNNING", "--format=%N");
        await cluster.killNode(nodes.split("\n")[0]);
      });
      await assertNothingLeft(cluster, project);
    });
  },
);

slurmTest(
  "two tasks that ask for a half of a GPU have one at the same time",
  async (cluster) => {
    await onCluster(cluster, { slurm: { shardsPerGpu: 2 } }, async (project) => {
      const half = (name: string) => ({ kind: "gpu_user", params: { name, gpu: 0.5, ms: 6_000_000 } });
      project.workflow({ a: half("a"), b: half("b"), c: half("c"), d: half("d") });
      const begun = new Set<string>();
      const events = await follow(project, async (task) => {
        if (begun.add(task).size < 4) return;
        assert.equal((await cluster.jobs("RUNNING")).length, 4, "four have two GPUs at once");
        const shown = await cluster.call("scontrol", "show", "jobs");
        const asked = [...shown.matchAll(/ TresPerNode=(\S+)/g)].map(([, value]) => value);
        assert.deepEqual(asked, Array(4).fill("gres:shard:1"));
        await project.call("cancel");
      });
      const places = events.filter(({ event, state }) => event === "job" && state === "running");
      const gpus = new Set(places.map(({ node, gpus }) => `${node} ${gpus}`));
      assert.deepEqual([...gpus].sort(), ["n1 0", "n2 0"], JSON.stringify(places));
      await assertNothingLeft(cluster, project);
    });
  },
  { missing: shardsMissing() },
);
