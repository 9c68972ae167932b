/** A run that is left to a job on the cluster: it comes to its end, others join in, and it goes on after it was ended. */

import assert from "node:assert/strict";
import { eventsOf, exists, inProject, outcomes, type Project, until } from "../cli.ts";
import { type SlurmCluster, slurmTest } from "./slurm_cluster.ts";
import { assertNothingLeft, onCluster, shell } from "./slurm_project.ts";

/** Two tasks of which the second's key is not known before the first has ended. Each says that it ran, and waits for `letGo`. */
function chained(project: Project): void {
  const task = (name: string) =>
    `echo ${name} >> ${project.path("ran")}; until test -e ${
      project.path(`go-${name}`)
    }; do sleep 0.1; done; ` +
    `echo ${name} > out/o`;
  project.workflow({
    first: shell(task("first")),
    second: shell(task("second"), { inputs: { x: "first.o" } }),
  });
}

const letGo = (project: Project, name: string) => project.write(`go-${name}`, "");

const linesOf = (project: Project, file: string): string[] =>
  exists(project.path(file)) ? project.read(file).trim().split("\n") : [];

async function detached(project: Project): Promise<string> {
  const { code, out, err } = await project.call("run", "probe.ts", "--detach");
  assert.equal(code, 0, err);
  return /job (\d+_0)/.exec(out)![1];
}

/** What the job that drives has printed. */
function printed(project: Project): string {
  const folder = project.path("store/jobs/allocations");
  return [...Deno.readDirSync(folder)].map(({ name }) => `${folder}/${name}/slurm-0.log`).filter(exists)
    .map((path) => Deno.readTextFileSync(path)).join("\n");
}

async function untilState(cluster: SlurmCluster, job: string, state: string): Promise<void> {
  for (let looks = 0;; looks++) {
    const jobs = await cluster.jobs();
    if (jobs.includes(`${job} ${state}`)) return;
    if (looks === 3000) throw new Error(`${job} is not ${state}: ${jobs}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

slurmTest(
  "a detached run is driven by a job to its end; status shows it, and a second run joins in",
  async (cluster) => {
    await onCluster(cluster, { isOpen: true }, async (project) => {
      chained(project);
      const job = await detached(project);
      assert.equal(await detached(project), job, "the same command does not submit a second one");
      await until(() => linesOf(project, "ran").length > 0, "the first task has begun");
      const status = (await project.call("status")).out;
      assert.match(
        status,
        new RegExp(`jobs that drive runs.*\\n +run probe.ts .*on n\\d, job ${job}`),
        status,
      );
      letGo(project, "second");
      const joined = project.spawn("run", "probe.ts", "--json");
      const seen = [];
      for await (const event of eventsOf(joined)) {
        seen.push(event);
        if (event.event === "waiting") letGo(project, "first");
      }
      const { success } = await joined.status;
      await joined.stderr.cancel();
      assert.ok(success, JSON.stringify(seen) + printed(project));
      const first = seen.find(({ event, id }) => event === "action" && id === "first");
      assert.equal(first?.outcome, "joined", JSON.stringify(seen));
      assert.deepEqual(linesOf(project, "ran"), ["first", "second"], "none ran twice");
      await untilState(cluster, job, "COMPLETED");
      assert.match(printed(project), /results are in/);
      assert.equal((await project.call("run", "probe.ts", "--detach")).out.includes("job"), false);
      await assertNothingLeft(cluster, project);
    });
  },
);

slurmTest(
  "a job that drives a run and is told that its time is up, or is killed, is started again and goes on",
  async (cluster) => {
    await onCluster(cluster, { isOpen: true }, async (project) => {
      chained(project);
      const job = await detached(project);
      const again = async () => {
        await untilState(cluster, job, "PENDING");
        // Slurm lets a job wait for two minutes before it starts it again: its node has to be done with it, or it fails.
        await cluster.call("scontrol", "update", `JobId=${job}`, "StartTime=now+10");
        await untilState(cluster, job, "RUNNING");
      };
      await until(() => linesOf(project, "ran").length > 0, "the first task has begun");
      await cluster.call("scancel", "--batch", "--signal=USR1", job);
      await again();
      letGo(project, "first");
      await until(() => linesOf(project, "ran").length > 1, "the second task has begun");
      Deno.kill(driverOf(project), "SIGKILL");
      await again();
      letGo(project, "second");
      await untilState(cluster, job, "COMPLETED");
      assert.deepEqual(linesOf(project, "ran"), ["first", "second"], "none ran twice");
      assert.deepEqual(outcomes(await project.run()), { first: "reused", second: "reused" });
      await assertNothingLeft(cluster, project);
    });
  },
);

/** The process that drives: the owner of the lease on the store, on this machine. */
function driverOf(project: Project): number {
  const owners = project.path("store/leases/owners");
  const [owner] = [...Deno.readDirSync(owners)].map(({ name }) =>
    JSON.parse(Deno.readTextFileSync(`${owners}/${name}`))
  ).filter(({ pid }) => exists(`/proc/${pid}`));
  return owner.pid;
}

slurmTest("cancel ends the job that drives a run, with the jobs that it has submitted", async (cluster) => {
  await onCluster(cluster, { isOpen: true }, async (project) => {
    chained(project);
    const job = await detached(project);
    await until(() => linesOf(project, "ran").length > 0, "the first task has begun");
    const { out } = await project.call("cancel");
    assert.match(out, new RegExp(`cancelled run probe.ts.*job ${job}`));
    assert.match(out, /cancelled first: it was on n\d, job/);
    await untilState(cluster, job, "CANCELLED");
    assert.deepEqual(await cluster.jobs("PENDING", "RUNNING"), []);
  });
});

Deno.test("a run on this machine is not detached", async () => {
  await inProject(async (project) => {
    project.workflow({ a: shell("echo a > out/o") });
    const { code, err } = await project.call("run", "probe.ts", "--detach");
    assert.equal(code, 2);
    assert.match(
      err,
      /--detach leaves a run to a cluster.*add --executor slurm, or set "executor" in .*protoflow.json/,
    );
  });
});

Deno.test("no second job is submitted where Slurm can't say whether the first one drives the run", async () => {
  await inProject(async (project) => {
    project.workflow({ a: shell("echo before > out/o") });
    await project.run();
    project.workflow({ a: shell("echo a > out/o") });
    for (const program of ["squeue", "sinfo", "sbatch"]) {
      project.write(`bin/${program}`, "#!/bin/sh\necho no answer >&2; exit 1\n");
      Deno.chmodSync(project.path(`bin/${program}`), 0o755);
    }
    const store = project.path("store");
    const drives = `run probe.ts --executor slurm --store ${store} --store ${store}`;
    const allocation = { id: "1", name: "protoflow-driver-1", elements: [[]], drives };
    project.write("store/jobs/allocations/1/allocation.json", JSON.stringify(allocation));
    const without = project.withEnvironment({ PATH: `${project.path("bin")}:${Deno.env.get("PATH")}` });
    const { code, err } = await without.call("run", "probe.ts", "--executor", "slurm", "--detach");
    assert.match(err, /can't be asked whether a job drives this run already: no answer/);
    assert.equal(code, 2);
  });
});
