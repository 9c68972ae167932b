/** What jobs leave of a driver that was killed at its end: it is removed by the next run, or else by gc. */

import assert from "node:assert/strict";
import { Store } from "../../../lib/flow/store/store.ts";
import { exists, inProject, type Project } from "../cli.ts";
import { shell } from "./slurm_project.ts";

const UNFINISHED = "f".repeat(64);
const EMPTY = "e".repeat(64);

function keysIn(project: Project): string[] {
  const store = Store.open(project.path("store"), "the test");
  try {
    return [...store.keys()];
  } finally {
    store.close();
  }
}

/** Leaves the folders of a job as it had them when the driver was killed. */
function leave(project: Project, key: string): string {
  const attempt = `store/jobs/${key}/0a1b2c3d`;
  project.write(`${attempt}/run.work.json`, JSON.stringify({ id: "1", task: "a" }));
  project.write(`${attempt}/work/out/o`, "a");
  return attempt;
}

function age(project: Project, path: string): void {
  const time = new Date("2020-01-01");
  const attempt = project.path(path);
  for (const { name } of Deno.readDirSync(attempt)) Deno.utimeSync(`${attempt}/${name}`, time, time);
  Deno.utimeSync(attempt, time, time);
}

/** Puts a `squeue` on the PATH that says this. */
function withSqueue(project: Project, script: string): Project {
  project.write("bin/squeue", `#!/bin/sh\n${script}\n`);
  Deno.chmodSync(project.path("bin/squeue"), 0o755);
  return project.withEnvironment({ PATH: `${project.path("bin")}:${Deno.env.get("PATH")}` });
}

Deno.test("a run that has nothing to run removes the folders of jobs whose results are kept", async () => {
  await inProject(async (project) => {
    project.workflow({ a: shell("echo a > out/o") });
    await project.run();
    const [key] = keysIn(project);
    leave(project, key);
    Deno.mkdirSync(project.path(`store/jobs/${EMPTY}`));
    const unfinished = leave(project, UNFINISHED);
    await project.run();
    assert.ok(!exists(project.path(`store/jobs/${key}`)), "of an action that has its result");
    assert.ok(!exists(project.path(`store/jobs/${EMPTY}`)), "with nothing in it");
    assert.ok(exists(project.path(unfinished)), "a job may go on in it");
    Deno.removeSync(project.path(`store/jobs/${UNFINISHED}`), { recursive: true });
    await project.run();
    assert.ok(!exists(project.path("store/jobs")));
  });
});

Deno.test("gc removes what jobs have left for long, unless Slurm has them, or can't say so", async () => {
  await inProject(async (project) => {
    project.workflow({ a: shell("echo a > out/o") });
    await project.run();
    const old = leave(project, UNFINISHED);
    age(project, old);
    const young = leave(project, EMPTY);
    const allocation = `store/jobs/allocations/9f8e7d6c`;
    const elements = [[project.path(`${old}/run`)]];
    project.write(`${allocation}/allocation.json`, JSON.stringify({ id: "9f8e7d6c", name: "x", elements }));
    project.write(`${allocation}/job`, "7");

    const unanswered = await withSqueue(project, "echo no answer >&2; exit 1").call("gc");
    assert.match(unanswered.err, /what jobs have left is kept.*no answer/);
    const living = await withSqueue(project, "echo '7|0|x|RUNNING|None|n1|1:00'").call("gc");
    assert.equal(living.err, "");
    assert.ok(exists(project.path(old)), "its job goes on");
    const idle = withSqueue(project, ":");
    assert.match((await idle.call("gc", "--dry-run")).out, /would free .* beside results: 2 leftovers/);
    assert.ok(exists(project.path(old)));
    assert.match((await idle.call("gc")).out, /freed .* beside results: 2 leftovers/);
    assert.ok(!exists(project.path(`store/jobs/${UNFINISHED}`)));
    assert.ok(!exists(project.path(allocation)), "none of its works is left");
    assert.ok(exists(project.path(young)), "its driver may have been killed a moment ago");
  });
});
