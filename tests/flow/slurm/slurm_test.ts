/** Runs on Slurm: their results, what becomes of jobs that end in every way, and of those of a driver that was killed. */

import assert from "node:assert/strict";
import { readJson, type WorkFile } from "../../../lib/flow/slurm/files.ts";
import { entriesOf } from "../../../lib/flow/store/layout.ts";
import { type Event, eventsOf, outcomes, type Project, resultOf, until, untilEvent } from "../cli.ts";
import { type SlurmCluster, slurmTest } from "./slurm_cluster.ts";
import { assertNothingLeft, digestsIn, onCluster, shell, withProgram } from "./slurm_project.ts";

slurmTest(
  "a run on Slurm has the results of a run on this machine, with one job array for tasks alike",
  async (cluster) => {
    await onCluster(cluster, {}, async (project) => {
      const tasks = {
        a: shell("echo a > out/o; echo said"),
        b: shell("echo b > out/o"),
        chain: {
          kind: "hash_chain",
          params: { seed: "s", steps: 4, segment: 2 },
        },
        c: shell("cat in/x in/y > out/o", { inputs: { x: "a.o", y: "b.o" } }),
        fails: shell("echo why; exit 3"),
      };
      project.workflow(tasks);
      const go = project.path("go");
      const called = withProgram(project, "sbatch", `until test -e '${go}'; do sleep 0.1; done`);
      const running = called.project.run();
      // What is handed over while the first one is submitted shares a job, however long each takes to get there.
      await until(() => waitingTasks(project).join() === "a,b,chain,fails", "all are handed over");
      project.write("go", "");
      const ran = await running;
      assert.deepEqual(
        outcomes(ran),
        { a: "ran", b: "ran", chain: "ran", c: "ran", fails: "failed" },
        ran.out + ran.err,
      );
      const failed = ran.events.find(({ outcome }) => outcome === "failed")!;
      assert.equal(failed.reason, "exit code 3");
      assert.equal(Deno.readTextFileSync(failed.log), "why\n");
      await assertNothingLeft(cluster, project);
      const submitted = called.calls().length;
      assert.ok(submitted < 6, `six works have shared ${submitted} jobs`);
      await project.run("--executor", "local", "--store", project.path("local"));
      const results = digestsIn(project.path("store"));
      assert.equal(Object.keys(results).length, 5, "a, b, c, and two states");
      assert.deepEqual(results, digestsIn(project.path("local")));
    });
  },
);

/** Submitting, waiting and running fall into this time. */
const LONGEST_MS = 4000;

/** Tasks that say by lines of the file `ran` how often they ran. */
function counting(project: Project, names: readonly string[], seconds: number): void {
  const said = project.path("ran");
  project.workflow(Object.fromEntries(names.map((name) => [
    name,
    shell(`echo ${name} >> ${said}; sleep ${seconds}; echo ${name} > out/o`),
  ])));
}

function killIfAlive(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has come to its end before.
  }
}

const ranIn = (project: Project): string[] => project.read("ran").trim().split("\n").sort();

slurmTest(
  "jobs of a driver that was killed are taken up, running or ended, and none runs twice",
  async (cluster) => {
    await onCluster(cluster, { isOpen: true }, async (project) => {
      const names = ["a", "b", "c", "d", "e", "f"];
      for (const delay of [0, ...Array.from({ length: 2 }, () => Math.random() * LONGEST_MS)]) {
        counting(project, names.map((name) => `${name}${Math.round(delay)}`), 2);
        const child = project.spawn("run", "probe.ts", "--json");
        await untilEvent(child, ({ event }) => event === "running");
        await new Promise((resolve) => setTimeout(resolve, delay));
        killIfAlive(child);
        await child.status;
        const ran = await project.run();
        assert.equal(ran.code, 0, ran.out + ran.err);
        assert.equal(Object.keys(outcomes(ran)).length, names.length);
        await assertNothingLeft(cluster, project);
      }
      assert.equal(ranIn(project).length, new Set(ranIn(project)).size, "no action ran twice");
    });
  },
);

slurmTest(
  "items and a chain of a driver that is killed again and again come to their end",
  async (cluster) => {
    await onCluster(cluster, {}, async (project) => {
      const names = Array.from({ length: 24 }, (_, i) => `text-${i}`).sort();
      for (const name of names) project.write(`texts/${name}`, name);
      const params = { seed: "s", steps: 6, segment: 2 };
      project.workflow({
        measure: { kind: "lengths", params: {}, inputs: { texts: "folder:texts" } },
        chain: { kind: "hash_chain", params },
      });
      for (let kill = 0; kill < 4; kill++) {
        const child = project.spawn("run", "probe.ts", "--json");
        const timer = setTimeout(() => killIfAlive(child), 500 + Math.random() * LONGEST_MS);
        await resultOf(child).finally(() => clearTimeout(timer));
      }
      const ran = await project.run();
      assert.equal(ran.code, 0, ran.out + ran.err);
      await project.call("get", "probe.ts", "measure", "got");
      assert.equal(
        project.read("got/lengths"),
        names.map((name) => `${name}: ${name.length} characters\n`).join(""),
      );
      await assertNothingLeft(cluster, project);
    });
  },
);

slurmTest("a driver that is told to end leaves its jobs, and the next one takes them up", async (cluster) => {
  await onCluster(cluster, { isOpen: true }, async (project) => {
    const [said, go] = [project.path("ran"), project.path("go")];
    project.workflow({
      a: shell(`echo a >> ${said}; until test -e ${go}; do sleep 0.1; done; echo a > out/o`),
    });
    const child = project.spawn("run", "probe.ts", "--json");
    await untilEvent(child, ({ event }) => event === "running");
    await cluster.runningJob();
    child.kill("SIGINT");
    const left = await resultOf(child);
    assert.equal(left.code, 130, left.out + left.err);
    assert.match(left.err, /jobs are left to Slurm/);
    assert.equal((await cluster.jobs("RUNNING")).length, 1);
    project.write("go", "");
    const ran = await project.run();
    assert.deepEqual(outcomes(ran), { a: "ran" }, ran.out + ran.err);
    assert.deepEqual(ranIn(project), ["a"]);
    await assertNothingLeft(cluster, project);
  });
});

slurmTest(
  "however many jobs there are, one squeue asks about all; status shows them, and cancel ends them",
  async (cluster) => {
    await onCluster(cluster, {}, async (project) => {
      const { project: counted, calls } = withProgram(project, "squeue");
      // Of four cores of a node each takes three: two run, and one has to wait. Nothing but the end of its job ends them.
      const task = (name: string) => ({ ...shell(`: ${name}; sleep 6000`), cores: 3 });
      counted.workflow({ a: task("a"), b: task("b"), c: task("c") });
      const child = counted.spawn("run", "probe.ts", "--json");
      const places: Event[] = [];
      const states = new Map<string, Event>();
      for await (const event of eventsOf(child)) {
        if (event.event !== "job") continue;
        places.push(event);
        states.set(event.id, event);
        const now = [...states.values()];
        if (now.filter(({ state }) => state === "running").length < 2) continue;
        if (now.some(({ why }) => why === "Resources")) break;
      }
      const about = JSON.stringify(places, null, 1);
      // What is printed is recorded within a second.
      const shown = [/^ *[abc] {2}.*on n1, job \d+_\d/m, /^ *[abc] {2}.*on n2, job \d+_\d/m, /\(Resources\)/];
      let status = "";
      for (let looks = 0; looks < 200 && !shown.every((words) => words.test(status)); looks++) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        status = (await project.call("status")).out;
      }
      for (const words of shown) assert.match(status, words, about);
      assert.match(status, /[abc] {2}waits as job \d+_\d \(Resources\)/);
      child.kill("SIGKILL");
      await child.status;
      const left = await project.call("status");
      assert.match(left.out, /jobs that no run follows.*\n {2}[abc] {2}/, left.out);
      assert.match(left.out, /\n {2}[abc] {2}on n\d, job \d+_\d, for/, left.out);
      assert.equal((await cluster.jobs("RUNNING")).length, 2);
      const cancelled = await project.call("cancel");
      const names = [...cancelled.out.matchAll(/^cancelled ([abc]):/gm)].map(([, name]) => name);
      assert.deepEqual(names.sort(), ["a", "b", "c"], cancelled.out);
      await untilNone(cluster);
      assert.ok(calls().length > 1);
      for (const args of calls()) assert.match(args, /^--me .*--states=all/);
    });
  },
);

/** The tasks whose works are written down. */
function waitingTasks(project: Project): string[] {
  const below = (folder: string) => entriesOf(folder).map((name) => `${folder}/${name}`);
  const files = below(project.path("store/jobs")).flatMap(below).flatMap(below);
  const works = files.filter((path) => path.endsWith(".work.json"));
  return works.flatMap((path) => readJson<WorkFile>(path)?.task ?? []).sort();
}

async function untilNone(cluster: SlurmCluster): Promise<void> {
  for (let looks = 0; (await cluster.jobs("PENDING", "RUNNING", "COMPLETING")).length > 0; looks++) {
    if (looks === 600) throw new Error("jobs are left");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
