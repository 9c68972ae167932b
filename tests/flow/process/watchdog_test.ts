/** What becomes of the processes of actions when their engine is killed. */

import assert from "node:assert/strict";
import { exists, inOpenProject, inProject, processesBelow, type Project, resultOf, until } from "../cli.ts";

const linux = Deno.build.os === "linux";

const sh = (script: string) => ({
  kind: "command",
  params: { argv: ["sh", "-c", script], env: { PATH: "/usr/bin:/bin" } },
  outputs: ["o"],
});

/** The watchdogs whose store is that of the project. */
function watchdogs(project: Project): number[] {
  return [...Deno.readDirSync("/proc")].filter(({ name }) => /^\d+$/.test(name)).flatMap(({ name }) => {
    try {
      const argv = Deno.readTextFileSync(`/proc/${name}/cmdline`).split("\0");
      const isOne = argv.some((text) => text.endsWith("watchdog_process.ts")) &&
        argv.some((text) => text.startsWith(project.path("store/")));
      return isOne ? [Number(name)] : [];
    } catch {
      return []; // It has just ended.
    }
  });
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

/** What the actions have printed that are running. */
function logsOf(project: Project): string[] {
  const work = project.path("store/work");
  if (!exists(work)) return [];
  return [...Deno.readDirSync(work)].flatMap(({ name: owner }) =>
    [...Deno.readDirSync(`${work}/${owner}`)].filter(({ isFile }) => isFile).map(({ name }) =>
      Deno.readTextFileSync(`${work}/${owner}/${name}`)
    )
  );
}

Deno.test({
  name: "when the engine is killed, all processes of its actions end, long before they would by themselves",
  ignore: !linux,
  async fn() {
    await inOpenProject(async (project) => {
      const told = (name: string) => project.path(`${name}.pid`);
      const tell = (name: string) => `echo $$ > ${told(name)}.new; mv ${told(name)}.new ${told(name)}`;
      const elsewhere = `cd /; ${tell("bare")}; exec sleep 600`;
      project.workflow({
        program: sh(`${tell("program")}; exec sleep 600`),
        group: sh(`sh -c '${tell("group")}; exec sleep 600' & wait`),
        session: sh(`setsid sh -c 'cd /; ${tell("session")}; exec sleep 600' & sleep 600`),
        bare: sh(`env -i sh -c '${elsewhere}' & sleep 600`),
        kind: { kind: "waiter", params: { deaf: false } },
        deaf: { kind: "waiter", params: { deaf: true } },
      });
      const child = project.spawn("run", "probe.ts", "--json", "--jobs", "6");
      const names = ["program", "group", "session", "bare"];
      const waiting = () => logsOf(project).filter((log) => log === "waiting\n").length;
      await until(
        () => names.every((name) => exists(told(name))) && waiting() === 2,
        "all are running",
      );
      const pids = names.map((name) => Number(Deno.readTextFileSync(told(name))));
      assert.ok(pids.every(isAlive));
      assert.equal(watchdogs(project).length, 1);
      child.kill("SIGKILL");
      const isOver = () =>
        processesBelow(project.path("store/work")).length + watchdogs(project).length === 0 &&
        !pids.some(isAlive);
      await until(isOver, "all processes have ended");
      await resultOf(child);
    });
  },
});

Deno.test({
  name: "a run that comes to its end leaves no watchdog",
  ignore: !linux,
  async fn() {
    await inProject(async (project) => {
      project.workflow({ some: sh("echo > out/o") });
      assert.equal((await project.run()).code, 0);
      assert.deepEqual(watchdogs(project), []);
    });
  },
});

Deno.test({
  name: "what outlives engine and watchdog is ended by the next run, before its work folder is removed",
  ignore: !linux,
  async fn() {
    await inProject(async (project) => {
      // It makes its folder anew whenever that is removed.
      project.workflow({ busy: sh("here=$PWD; while :; do mkdir -p $here/out/o; done") });
      const child = project.spawn("run", "probe.ts", "--json");
      const processes = () => processesBelow(project.path("store/work"));
      await until(() => processes().length > 0 && watchdogs(project).length > 0, "the action is running");
      for (const pid of watchdogs(project)) Deno.kill(pid, "SIGKILL");
      child.kill("SIGKILL");
      await resultOf(child);
      const [orphan] = processes();
      assert.ok(isAlive(orphan));
      project.workflow({ other: sh("echo > out/o") });
      assert.equal((await project.run()).code, 0);
      assert.ok(!isAlive(orphan));
      assert.deepEqual([...Deno.readDirSync(project.path("store/work"))], []);
    });
  },
});
